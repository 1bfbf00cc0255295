import { officialVectors } from "../support/official.ts";

officialVectors("deserialization", 14, "MLS-2.1.2-01, MLS-2.1.2-03");
