import { officialVectors } from "../support/official.ts";

officialVectors("message-protection", 7, "MLS-6-05, MLS-6.2-01, MLS-6.3.1-06, MLS-6.3.2-03");
