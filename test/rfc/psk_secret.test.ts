import { officialVectors } from "../support/official.ts";

officialVectors("psk_secret", 77, "MLS-8.4-04, MLS-8.4-05, MLS-8.4-06");
