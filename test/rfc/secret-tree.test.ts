import { officialVectors } from "../support/official.ts";

officialVectors("secret-tree", 21, "MLS-9-01, MLS-9-02, MLS-9.1-01, MLS-6.3.2-02");
