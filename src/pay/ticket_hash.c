#include "src/pay/ticket_hash.h"

#include <string.h>

#include "src/crypto/keccak.h"

static void add_word(struct keccak *k, struct u256 v)
{
	uint8_t word[U256_SIZE];

	u256_to_be(word, v);
	keccak_update(k, word, sizeof(word));
}

struct hash32 ticket_hash(const struct ticket *t)
{
	const struct ticket_expiration *c = &t->created;
	struct hash32 h;
	struct keccak k;

	keccak_init(&k);
	keccak_update(&k, t->recipient.b, sizeof(t->recipient.b));
	keccak_update(&k, t->sender.b, sizeof(t->sender.b));
	add_word(&k, t->face_value.v);
	add_word(&k, t->win_prob.v);
	add_word(&k, u256_from(t->nonce));
	keccak_update(&k, t->rand_hash.b, sizeof(t->rand_hash.b));
	if (c->round.v || !hash_is_zero(c->block_hash)) {
		add_word(&k, u256_from((uint64_t)c->round.v));
		keccak_update(&k, c->block_hash.b, sizeof(c->block_hash.b));
	}
	keccak_final(&k, h.b);
	return h;
}

struct hash32 rand_hash(struct u256 rand)
{
	uint8_t word[U256_SIZE];
	struct hash32 h;

	u256_to_be(word, rand);
	keccak_256(h.b, word, sizeof(word));
	return h;
}

bool ticket_wins(struct signature sig, struct u256 rand, struct prob p)
{
	uint8_t bytes[sizeof(sig.b) + U256_SIZE], hash[KECCAK_SIZE];
	struct u256 drawn;

	memcpy(bytes, sig.b, sizeof(sig.b));
	u256_to_be(bytes + sizeof(sig.b), rand);
	keccak_256(hash, bytes, sizeof(bytes));
	return u256_from_be(&drawn, hash, sizeof(hash)) &&
	       u256_cmp(drawn, p.v) < 0;
}
