#ifndef TESTS_UNIT_PAYER_H
#define TESTS_UNIT_PAYER_H
/* Accounts for tests, and a broadcaster's hand that signs tickets: without any
 * check, so that tests can do wrong. */
#include "src/crypto/ec.h"
#include "src/crypto/flatten.h"
#include "src/crypto/signer.h"
#include "src/model/wire.h"
#include "src/pay/ticket_hash.h"

struct payer {
	struct signer *signer;
	struct eth_addr address;
};

/* The account of this number: its key is 32 times that byte. */
static inline struct payer payer_new(uint8_t number)
{
	struct payer p;
	uint8_t key[32];

	memset(key, number, sizeof(key));
	p.signer = signer_new(key);
	p.address = signer_address(p.signer);
	return p;
}

static inline void payer_free(struct payer *p)
{
	signer_free(p->signer);
	*p = (struct payer){ 0 };
}

static inline void payer_sign_ticket(const struct payer *who, struct payment *p, size_t i,
	uint32_t nonce)
{
	struct ticket t = { p->params.recipient, p->sender, p->params.face_value,
		p->params.win_prob, nonce, p->params.rand_hash, p->created,
		p->params.expiration };
	struct hash32 h = ticket_hash(&t);

	p->tickets[i].nonce = nonce;
	p->tickets[i].sig_len = 65;
	if (!signer_sign_hash(who->signer, &p->tickets[i].sig, &h))
		abort();
}

/* A payment with n tickets of nonces from `first` on; 0 n: without params. */
static inline struct payment payer_pay(const struct payer *who,
	const struct orchestrator_info *info, size_t n, uint32_t first)
{
	struct payment p = { .has_sender = true, .sender = who->address,
		.has_price = info->has_price, .price_per_unit = info->price_per_unit,
		.pixels_per_unit = info->pixels_per_unit };

	if (!n)
		return p;
	p.has_params = true;
	p.params = info->params;
	p.created = info->params.created;
	p.n = n;
	p.tickets = xcalloc(n, sizeof(*p.tickets));
	for (size_t i = 0; i < n; i++)
		payer_sign_ticket(who, &p, i, first + (uint32_t)i);
	return p;
}

static inline void payer_sign_request(const struct payer *who,
	struct orchestrator_request *q)
{
	char text[EC_ADDR_TEXT_SIZE];
	struct signature sig;

	q->address = who->address;
	ec_address_text(text, q->address.b);
	if (!signer_sign_message(who->signer, &sig, text, strlen(text)))
		abort();
	memcpy(q->sig, sig.b, sizeof(q->sig));
	q->sig_len = sizeof(sig.b);
}

static inline void payer_sign_segment(const struct payer *who, struct segment_creds *c)
{
	struct str flat = STR_INIT;
	struct signature sig;

	segment_flatten(c, &flat);
	if (!signer_sign_message(who->signer, &sig, flat.s, flat.len))
		abort();
	str_clear(&flat);
	memcpy(c->sig, sig.b, sizeof(c->sig));
	c->sig_len = sizeof(sig.b);
}
#endif
