import { officialVectors } from "../support/official.ts";

officialVectors("welcome", 7, "MLS-12.4.3.1-07, MLS-12.4.3.1-09, MLS-12.4.3.1-10, MLS-12.4.3.1-18, MLS-12.4.3-05");
