#include "src/pay/credit.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct key {
	struct eth_addr peer;
	char session[CREDIT_SESSION_SIZE];
};

struct account {
	UT_hash_handle hh;
	struct key key;
	struct credit balance;
	bool has_price;
	struct price price;
	int64_t used_ms;
};

struct credits {
	struct account *accounts;
	size_t max;
};

struct credits *credits_new(size_t max)
{
	struct credits *c = XNEW(struct credits);

	c->max = max;
	return c;
}

void credits_free(struct credits *c)
{
	struct account *a, *next;

	if (!c)
		return;
	HASH_ITER(hh, c->accounts, a, next) {
		HASH_DEL(c->accounts, a);
		free(a);
	}
	free(c);
}

static struct key key_of(struct eth_addr peer, const char *session)
{
	struct key k;

	/* The padding is hashed too. */
	memset(&k, 0, sizeof(k));
	k.peer = peer;
	memcpy(k.session, session, strnlen(session, sizeof(k.session) - 1));
	return k;
}

static struct account *find(const struct credits *c, struct eth_addr peer,
	const char *session)
{
	struct key k = key_of(peer, session);
	struct account *a;

	HASH_FIND(hh, c->accounts, &k, sizeof(k), a);
	return a;
}

/* NULL: there are too many. */
static struct account *have(struct credits *c, struct eth_addr peer, const char *session,
	int64_t now_ms)
{
	struct account *a = find(c, peer, session);

	if (!a && HASH_COUNT(c->accounts) < c->max) {
		a = XNEW(struct account);
		a->key = key_of(peer, session);
		HASH_ADD(hh, c->accounts, key, sizeof(a->key), a);
	}
	if (a)
		a->used_ms = now_ms;
	return a;
}

bool credits_balance(const struct credits *c, struct eth_addr peer, const char *session,
	struct credit *out)
{
	struct account *a = find(c, peer, session);

	*out = a ? a->balance : CREDIT_ZERO;
	return a != NULL;
}

bool credits_add(struct credits *c, struct eth_addr peer, const char *session,
	struct credit amount, int64_t now_ms)
{
	struct account *a = have(c, peer, session, now_ms);
	struct credit sum;

	if (!a || !credit_add(&sum, a->balance, amount))
		return false;
	a->balance = sum;
	return true;
}

struct credit credits_take(struct credits *c, struct eth_addr peer, const char *session,
	int64_t now_ms)
{
	struct account *a = find(c, peer, session);
	struct credit all = a ? a->balance : CREDIT_ZERO;

	if (a) {
		a->balance = CREDIT_ZERO;
		a->used_ms = now_ms;
	}
	return all;
}

bool credits_price(const struct credits *c, struct eth_addr peer, const char *session,
	struct price *out)
{
	struct account *a = find(c, peer, session);

	if (!a || !a->has_price)
		return false;
	*out = a->price;
	return true;
}

bool credits_pin_price(struct credits *c, struct eth_addr peer, const char *session,
	struct price p, int64_t now_ms)
{
	struct account *a = have(c, peer, session, now_ms);

	if (a && !a->has_price) {
		a->has_price = true;
		a->price = p;
	}
	return a != NULL;
}

void credits_drop(struct credits *c, struct eth_addr peer, const char *session)
{
	struct account *a = find(c, peer, session);

	if (a) {
		HASH_DEL(c->accounts, a);
		free(a);
	}
}

void credits_expire(struct credits *c, int64_t now_ms)
{
	struct account *a, *next;

	HASH_ITER(hh, c->accounts, a, next) {
		if (now_ms - a->used_ms >= CREDIT_TTL_MS) {
			HASH_DEL(c->accounts, a);
			free(a);
		}
	}
}

size_t credits_count(const struct credits *c)
{
	return HASH_COUNT(c->accounts);
}
