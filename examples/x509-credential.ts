// Members with X.509 certificates: the library sees that the certificate holds the member's signature key;
// whether the certificate is to be trusted is the application's word.
//
//   npm run example x509-credential

import { X509Certificate } from "node:crypto";
import { type Authenticate, Client, type Group, x509Credential } from "grove-mls";
import { CertificateAuthority, newSigningKey } from "./support/authority.ts";

const company = new CertificateAuthority("Example Corp");

// The Authentication Service. It is asked about every credential that this client meets: of key packages that
// it adds, of all members of a group that it joins, of every new leaf.
const authenticate: Authenticate = ({ credential }) => {
  if (credential.kind !== "x509") return false;
  const [own] = credential.certificates.map((der) => new X509Certificate(der));
  const now = Date.now();
  return (
    own !== undefined &&
    own.checkIssued(company.certificate) &&
    own.verify(company.certificate.publicKey) &&
    Date.parse(own.validFrom) <= now &&
    now <= Date.parse(own.validTo)
    // and: is it revoked?
  );
};

/** An employee: a key of their own, and a certificate for it. */
function employee(name: string, authority: CertificateAuthority): Client {
  const { privateKey, publicKey } = newSigningKey();
  const certificates = [authority.certify(name, publicKey)];
  return Client.create({
    credential: x509Credential(certificates),
    signaturePrivateKey: privateKey,
    authenticate,
  });
}

const alice = employee("alice", company);
const bob = employee("bob", company);

const atAlice = alice.createGroup("board");
const adding = atAlice.commit({ add: [bob.keyPackage()] });
adding.accept();
const invitation = bob.join(adding.welcomes[0]!);
console.log("invited by", subjectOf(invitation.inviter.identity));
const atBob = invitation.accept();
console.log("members:", members(atBob));

// Mallory has a certificate too, from somebody who says to be the same company.
const mallory = employee("alice", new CertificateAuthority("Example Corp"));
try {
  atAlice.commit({ add: [mallory.keyPackage()] });
} catch (error) {
  console.log("mallory is refused:", (error as { code: string }).code);
}

// Bob's certificate is renewed, with a new key. His next commit carries it; the callback sees the old one as
// `previous` and decides whether the new one is its successor.
const renewed = newSigningKey();
const renewal = atBob.commit({
  leaf: {
    credential: x509Credential([company.certify("bob", renewed.publicKey)]),
    signaturePrivateKey: renewed.privateKey,
  },
});
const received = atAlice.receive(renewal.commit);
if (received.kind === "commit") received.commit.accept();
renewal.accept();
console.log("members:", members(atAlice));
console.log("bob has a new key:", atAlice.member(1)!.signatureKey.join() === renewed.publicKey.join());

function subjectOf(certificate: Uint8Array): string {
  return new X509Certificate(certificate).subject;
}

function members(group: Group): string {
  // The identity of a member with an X.509 credential is its own certificate.
  return group
    .members()
    .map(({ identity }) => subjectOf(identity))
    .join(", ");
}

// Prints:
// invited by CN=alice
// members: CN=alice, CN=bob
// mallory is refused: ERR_CREDENTIAL
// members: CN=alice, CN=bob
// bob has a new key: true
