import { officialVectors } from "../support/official.ts";

officialVectors(
  "treekem",
  77,
  "MLS-7.4-02, MLS-12.4.1-01, MLS-12.4.1-05, MLS-5.1.3-02, MLS-7.5-05, MLS-7.5-06, MLS-7.5-07, MLS-7.5-08, MLS-7.5-09",
);
