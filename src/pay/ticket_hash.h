#ifndef SRC_PAY_TICKET_HASH_H
#define SRC_PAY_TICKET_HASH_H
/* A ticket's hash, and whether it won. The same bytes are hashed by the
 * contract that pays (protocol MTicketBrokerCore.sol; go-livepeer
 * pm/ticket.go). Pure; any thread. */
#include "src/model/ticket.h"

/* keccak over recipient, sender, face value, win probability, nonce, hash of
 * the random number, and round and block hash - those two left out when both
 * are zero, as go-livepeer does. What is signed is ec_eip191() of it. */
struct hash32 ticket_hash(const struct ticket *t);
struct hash32 rand_hash(struct u256 rand);
/* keccak(sig, rand) below the probability, strictly. */
bool ticket_wins(struct signature sig, struct u256 rand, struct prob p);
#endif
