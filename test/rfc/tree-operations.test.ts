import { officialVectors } from "../support/official.ts";

officialVectors("tree-operations", 5, "MLS-12.1.1-01, MLS-12.1.2-01, MLS-12.1.3-01");
