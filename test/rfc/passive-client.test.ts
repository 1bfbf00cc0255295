import { officialVectors } from "../support/official.ts";

officialVectors("passive-client-welcome", 56, "MLS-12.4.3.1-18");
officialVectors("passive-client-handling-commit", 91, "MLS-12.4.3.1-18, MLS-12.4.2-07");
officialVectors("passive-client-random", 1, "MLS-12.4.3.1-18, MLS-12.4.2-07");
