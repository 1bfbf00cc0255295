import { officialVectors } from "../support/official.ts";

officialVectors(
  "tree-validation",
  98,
  "MLS-4.1.1-02, MLS-4.1.1-03, MLS-7.8-02, MLS-7.8-03, MLS-7.9.2-01, MLS-7.9.2-02, MLS-12.4.3.3-01",
);
