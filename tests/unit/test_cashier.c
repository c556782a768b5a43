/* The orchestrator's till between broadcasters, the chain and the database, on
 * an actor of the test's own: who is believed, what is asked, what is taken and
 * kept, with one rule broken at a time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/journal.h"
#include "src/role/cashier_private.h"
#include "tests/unit/fake_chain.h"
#include "tests/unit/outcome.h"
#include "tests/unit/payer.h"
#include "tests/unit/scratch.h"

#define EV 1000000000000 /* wei */

static char dir[64], path[96];
static struct journal *journal;
static struct log *root;
static struct actor *orch;
static struct chain *chain;
static struct cashier *c;
static struct payer us, payer, other;
static struct cashier_options options;
static unsigned won_calls;
static struct credit received;

static void says(struct err *e, const char *text)
{
	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	err_free(e);
}

static void on_won(void *ctx)
{
	(void)ctx;
	won_calls++;
}

static void on_received(void *ctx, struct credit ev)
{
	(void)ctx;
	if (!credit_add(&received, received, ev))
		abort();
}

static void open_cashier(void)
{
	ok(cashier_new(root, &options, &c));
	cashier_open(c, orch);
}

static int open_all(void **state)
{
	(void)state;
	log_set_quiet(1);
	snprintf(dir, sizeof(dir), "/tmp/weir-cashier-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/weir.sqlite", dir);
	journal = journal_new(1000);
	root = log_new("test", journal);
	orch = actor_new("orch", 64);
	chain = fake_chain_new();
	us = payer_new(1);
	payer = payer_new(2);
	other = payer_new(3);
	fake_chain_fund(chain, payer.address, 1000, 1000);
	won_calls = 0;
	received = CREDIT_ZERO;
	options = (struct cashier_options){ .chain = chain, .signer = us.signer,
		.db_path = path, .recipient = us.address, .ticket_ev = wei_from(EV),
		/* All win, but for one in 10^12. */
		.max_face_value = wei_from(EV + 1), .redeem_gas = { 1 },
		.won = on_won, .received = on_received };
	assert_true(price_from_wire(&options.price, 10, 1));
	open_cashier();
	return 0;
}

static void close_cashier(void)
{
	struct actor *gone = TAKE(orch);

	fake_chain_release(chain);
	actor_free(gone);
	cashier_free(TAKE(c));
}

static int close_all(void **state)
{
	(void)state;
	close_cashier();
	fake_chain_free(chain);
	payer_free(&us);
	payer_free(&payer);
	payer_free(&other);
	log_free(root);
	journal_free(journal);
	return scratch_drop(dir);
}

/* --- on the actor --- */

struct errand {
	struct eth_addr sender;
	const char *session;
	const struct payment *payment;
	uint64_t pixels;
	int64_t now_ms;
	struct price price;
	struct orchestrator_info info;
	struct takings takings;
	struct credit balance;
	bool has_balance;
	atomic_bool answered;
	struct err *err;
	size_t count;
};

static void on_answered(void *ctx, struct err *taken)
{
	struct errand *q = ctx;

	q->err = taken;
	atomic_store(&q->answered, true);
}

static void do_ask(void *ctx)
{
	struct errand *q = ctx;

	cashier_ask(c, q->sender, on_answered, q);
}

static void wait_for(atomic_bool *b)
{
	int64_t until = clock_mono_ms() + 5000;

	while (!atomic_load(b) && clock_mono_ms() < until)
		poll(NULL, 0, 1);
	assert_true(atomic_load(b));
}

static struct err *ask(struct eth_addr sender)
{
	struct errand q = { .sender = sender };

	actor_call(orch, do_ask, &q);
	wait_for(&q.answered);
	return q.err;
}

static void do_quote(void *ctx)
{
	struct errand *q = ctx;

	q->err = cashier_quote(c, q->sender, q->session, q->payment, &q->info);
}

static struct err *quote(struct eth_addr sender, const char *session,
	const struct payment *p, struct orchestrator_info *out)
{
	struct errand q = { .sender = sender, .session = session, .payment = p };

	ok(ask(sender));
	actor_call(orch, do_quote, &q);
	*out = q.info;
	return q.err;
}

static void do_take(void *ctx)
{
	struct errand *q = ctx;

	q->err = cashier_take(c, q->payment, q->session, "movie", &q->takings);
}

static struct err *take(const struct payment *p, const char *session, struct takings *out)
{
	struct errand q = { .session = session, .payment = p };

	ok(ask(p->sender));
	actor_call(orch, do_take, &q);
	if (out)
		*out = q.takings;
	return q.err;
}

static void do_charge(void *ctx)
{
	struct errand *q = ctx;

	cashier_charge(c, q->sender, q->session, q->price,
		(struct pixels){ q->pixels });
}

static void charge(const char *session, uint64_t pixels, struct price price)
{
	struct errand q = { .sender = payer.address, .session = session,
		.pixels = pixels, .price = price };

	actor_call(orch, do_charge, &q);
}

static void do_balance(void *ctx)
{
	struct errand *q = ctx;

	q->has_balance = cashier_balance(c, q->sender, q->session, &q->balance);
}

/* In whole wei, rounded down. */
static uint64_t balance(const char *session)
{
	struct errand q = { .sender = payer.address, .session = session };
	struct wei w;
	uint64_t n;

	actor_call(orch, do_balance, &q);
	if (!q.has_balance)
		return 0;
	assert_true(credit_to_wei(&w, q.balance));
	assert_true(u256_to_u64(&n, w.v));
	return n;
}

static void do_tick(void *ctx)
{
	cashier_tick(c, ((struct errand *)ctx)->now_ms);
}

static void tick(int64_t after_ms)
{
	struct errand q = { .now_ms = clock_mono_ms() + after_ms };

	actor_call(orch, do_tick, &q);
}

static void do_count(void *ctx)
{
	struct errand *q = ctx;

	q->count = recipient_remembered(c->recipient);
}

static size_t nonces(void)
{
	struct errand q = { .count = 0 };

	actor_call(orch, do_count, &q);
	return q.count;
}

static void do_nothing(void *ctx)
{
	(void)ctx;
}

static void tell(void)
{
	fake_chain_tell(chain);
	actor_call(orch, do_nothing, NULL);
}

static struct err *count_row(void *ctx, const struct ticket_record *r)
{
	++*(size_t *)ctx;
	assert_string_equal(r->manifest, "movie");
	assert_true(addr_eq(r->won.ticket.sender, payer.address));
	return NULL;
}

/* Winners on the disk, as another connection reads them. */
static size_t stored(void)
{
	struct ticket_filter f = { .by_state = true, .state = TICKET_WON };
	struct db *db;
	size_t n = 0;

	ok(db_open(path, DB_NORMAL, &db));
	ok(tickets_each(db, &f, count_row, &n));
	db_close(db);
	return n;
}

/* A first payment that is good, for others to be broken. */
static struct payment good(struct orchestrator_info *info, size_t n)
{
	ok(quote(payer.address, NULL, NULL, info));
	return payer_pay(&payer, info, n, 1);
}

static void refused(struct payment *p, const char *session, const char *text)
{
	says(take(p, session, NULL), text);
	assert_int_equal(balance(session), 0);
}

/* --- who is it? --- */

static void believes_signatures_only(void **state)
{
	struct orchestrator_request *q = XNEW(struct orchestrator_request);
	struct segment_creds *s = XNEW(struct segment_creds);

	(void)state;
	payer_sign_request(&payer, q);
	ok(cashier_check_request(q));
	q->address = other.address;
	says(cashier_check_request(q), "orchestrator req sig check failed");
	payer_sign_request(&payer, q);
	q->sig[10] ^= 1;
	says(cashier_check_request(q), "orchestrator req sig check failed");
	q->sig_len = 0;
	says(cashier_check_request(q), "orchestrator req sig check failed");
	s->seq = 7;
	s->ladder.n = 1;
	s->ladder.r[0] = preset_find("P240p30fps16x9")->rendition;
	payer_sign_segment(&payer, s);
	assert_true(cashier_signed_segment(s, payer.address));
	assert_false(cashier_signed_segment(s, other.address));
	s->seq = 8;
	assert_false(cashier_signed_segment(s, payer.address));
	free(q);
	free(s);
}

static void the_network_signs_the_same(void **state) /* wire reference G5, 8.5 */
{
	struct orchestrator_request *q = XNEW(struct orchestrator_request);

	(void)state;
	assert_true(addr_parse(&q->address, "2c7536E3605D9C16a7a3D7b1898e529396a65c23"));
	assert_true(hex_decode(q->sig, 65, "662f6ce6e23e70c7db9bdcc7b0d91bdf58d8743ba347ab"
		"0b9aa060154644c55122dd6afcc20a6cba9cab1d565a6b1dc36be9a9314e0317b943f8b0f1a7"
		"26e2971b"));
	q->sig_len = 65;
	ok(cashier_check_request(q));
	free(q);
}

/* --- the sender's funds --- */

static void asks_the_chain_once(void **state)
{
	struct errand a = { .sender = payer.address }, b = { .sender = payer.address };

	(void)state;
	atomic_store(&chain->hold, true);
	actor_call(orch, do_ask, &a);
	actor_call(orch, do_ask, &b);
	assert_false(atomic_load(&a.answered));
	fake_chain_release(chain);
	wait_for(&a.answered);
	wait_for(&b.answered);
	ok(a.err);
	ok(b.err);
	/* From then on it is known. */
	ok(ask(payer.address));
	assert_int_equal(atomic_load(&chain->asked), 1);
}

static void a_dead_chain_is_told_to_newcomers(void **state)
{
	struct orchestrator_info info;
	char name[EC_ADDR_TEXT_SIZE], text[160];

	(void)state;
	ok(ask(payer.address));
	atomic_store(&chain->dead, true);
	ec_address_text(name, other.address.b);
	snprintf(text, sizeof(text), "could not get sender info for %s: no RPC", name);
	says(ask(other.address), text);
	/* Who is known goes on. */
	ok(quote(payer.address, NULL, NULL, &info));
	/* And it comes back. */
	atomic_store(&chain->dead, false);
	ok(ask(other.address));
}

static void a_silent_chain_too(void **state)
{
	struct errand q = { .sender = payer.address };

	(void)state;
	atomic_store(&chain->hold, true);
	actor_call(orch, do_ask, &q);
	tick(1000);
	assert_false(atomic_load(&q.answered));
	tick(2500);
	assert_true(atomic_load(&q.answered));
	assert_non_null(strstr(err_text(q.err), "the chain does not answer"));
	err_free(q.err);
	/* Its late answer counts for the next one. */
	fake_chain_release(chain);
	actor_call(orch, do_nothing, NULL);
	ok(ask(payer.address));
	assert_int_equal(atomic_load(&chain->asked), 1);
}

static size_t ignored; /* by the orch actor, also after a test's end */

static void on_ignored(void *ctx, struct err *taken)
{
	(void)ctx;
	ignored++;
	err_free(taken);
}

static void do_count_ignored(void *ctx)
{
	*(size_t *)ctx = ignored;
}

static size_t ignored_n(void)
{
	size_t n;

	actor_call(orch, do_count_ignored, &n);
	return n;
}

static void do_flood(void *ctx)
{
	struct errand *q = ctx;
	struct eth_addr stranger = { { 0 } };

	ignored = 0;
	for (uint32_t i = 1; i <= 6000; i++) {
		memcpy(stranger.b, &i, sizeof(i));
		cashier_ask(c, stranger, on_ignored, NULL);
	}
	q->pixels = HASH_COUNT(c->customers);
}

static void strangers_are_bounded(void **state)
{
	struct orchestrator_info info;
	struct errand q = { .count = 0 };
	struct payment p = good(&info, 1);

	(void)state;
	ok(take(&p, "a", NULL));
	actor_call(orch, do_flood, &q);
	assert_in_range(q.pixels, 1, 4096);
	/* Who has paid is still known: no new question. */
	while (ignored_n() < 6000)
		;
	q.count = atomic_load(&chain->asked);
	ok(ask(payer.address));
	assert_int_equal(atomic_load(&chain->asked), q.count);
	payment_clear(&p);
}

static void silent_questions_are_bounded(void **state)
{
	struct errand q = { .count = 0 };

	(void)state;
	atomic_store(&chain->hold, true);
	actor_call(orch, do_flood, &q);
	assert_int_equal(atomic_load(&chain->asked), 64);
	assert_int_equal(ignored_n(), 6000 - 64);
}

/* --- what it costs --- */

static void quotes(void **state)
{
	struct orchestrator_info info;

	(void)state;
	ok(quote(payer.address, NULL, NULL, &info));
	assert_true(info.has_params && info.has_price);
	assert_int_equal(info.price_per_unit, 10);
	assert_int_equal(info.pixels_per_unit, 1);
	assert_true(addr_eq(info.address, us.address));
	assert_true(addr_eq(info.params.recipient, us.address));
	assert_int_equal(info.params.expiration.v, 1040);
	assert_int_equal(info.params.created.round.v, 7);
	assert_true(wei_cmp(info.params.face_value, wei_from(EV + 1)) == 0);
	/* Who has no reserve is told so. */
	says(quote(other.address, NULL, NULL, &info), "insufficient sender reserve");
}

static void prices_by_sender(void **state)
{
	struct orchestrator_info info;
	struct price p;

	(void)state;
	fake_chain_fund(chain, other.address, 1000, 1000);
	assert_true(price_from_wire(&p, 7, 2));
	cashier_set_price(c, &other.address, p);
	ok(quote(other.address, NULL, NULL, &info));
	assert_int_equal(info.price_per_unit, 7);
	assert_int_equal(info.pixels_per_unit, 2);
	ok(quote(payer.address, NULL, NULL, &info));
	assert_int_equal(info.price_per_unit, 10);
	cashier_unset_price(c, other.address);
	ok(quote(other.address, NULL, NULL, &info));
	assert_int_equal(info.price_per_unit, 10);
	/* The cost of redeeming goes on top: one part in a hundred. */
	cashier_set_auto_adjust(c, true);
	cashier_set_max_face_value(c, WEI_ZERO);
	c->recipient = (recipient_free(c->recipient), recipient_new(
		&(struct recipient_options){ .address = us.address,
			.ticket_ev = wei_from(EV), .redeem_gas = { 350000 } }));
	ok(quote(payer.address, NULL, NULL, &info));
	assert_int_equal(info.price_per_unit, 101);
	assert_int_equal(info.pixels_per_unit, 10);
}

static void a_free_session_asks_for_nothing(void **state)
{
	struct orchestrator_info info;
	struct payment p;
	struct takings t;

	(void)state;
	cashier_set_price(c, NULL, PRICE_FREE);
	ok(quote(other.address, NULL, NULL, &info));
	assert_int_equal(info.price_per_unit, 0);
	assert_true(wei_is_zero(info.params.face_value));
	p = payer_pay(&other, &info, 0, 0);
	ok(take(&p, "free", &t));
	assert_true(price_is_free(t.price));
	p.has_price = false;
	ok(take(&p, "free", &t));
	p.has_price = true;
	p.price_per_unit = 1;
	says(take(&p, "free", NULL), "invalid expected price sent with payment "
		"err=\"sent 1/1, the session is at 0/1\"");
	p.price_per_unit = 0;
	/* A session that is under way stays free. */
	cashier_hold_price(c, other.address, "free", PRICE_FREE);
	cashier_set_price(c, NULL, options.price);
	ok(take(&p, "free", &t));
	says(take(&p, "new", NULL), "invalid expected price sent with payment "
		"err=\"sent 0/1, the session is at 10/1\"");
}

static void no_facts_no_quote(void **state)
{
	struct orchestrator_info info;

	(void)state;
	chain->facts.ready = false;
	tell();
	says(quote(payer.address, NULL, NULL, &info),
		"the chain is not known yet: no Ethereum node has answered");
}

static void no_round_with_a_hash_no_quote(void **state)
{
	struct orchestrator_info info;
	struct hash32 before = chain->facts.round.previous_hash;

	(void)state;
	memset(&chain->facts.round.hash, 0, sizeof(before));
	tell();
	ok(quote(payer.address, NULL, NULL, &info));
	assert_int_equal(info.params.created.round.v, 6);
	memset(&chain->facts.round.previous_hash, 0, sizeof(before));
	tell();
	says(quote(payer.address, NULL, NULL, &info), "no ticket could be redeemed: the chain "
		"has no block hash for round 7, and none for the one before");
	chain->facts.round.previous_hash = before;
	tell();
	ok(quote(payer.address, NULL, NULL, &info));
}

/* --- what it brings --- */

static void tickets_are_credited_and_kept(void **state)
{
	struct orchestrator_info info;
	struct payment p = good(&info, 5);
	struct takings t;
	struct credit ev;

	(void)state;
	ok(take(&p, "a", &t));
	assert_true(credit_of_ticket(&ev, p.params.face_value, p.params.win_prob));
	assert_true(credit_times(&ev, ev, 5));
	assert_int_equal(credit_cmp(t.ev, ev), 0);
	assert_int_equal(credit_cmp(received, ev), 0);
	assert_int_equal(balance("a"), 5ull * EV);
	assert_int_equal(stored(), 5);
	assert_int_equal(won_calls, 1);
	assert_int_equal(nonces(), 5);
	/* A second payment goes on; another session has nothing of it. */
	payment_clear(&p);
	p = payer_pay(&payer, &info, 1, 6);
	ok(take(&p, "a", NULL));
	assert_int_equal(balance("a"), 6ull * EV);
	assert_int_equal(balance("b"), 0);
	payment_clear(&p);
}

static void losers_bring_credit_only(void **state)
{
	struct orchestrator_info info;
	struct payment p;

	(void)state;
	cashier_set_max_face_value(c, fake_eth(100)); /* one in 10^5 wins */
	c->recipient = (recipient_free(c->recipient), recipient_new(
		&(struct recipient_options){ .address = us.address,
			.ticket_ev = wei_from(EV), .redeem_gas = { 1000000 } }));
	ok(quote(payer.address, NULL, NULL, &info));
	assert_true(wei_cmp(info.params.face_value, fake_eth(100)) >= 0);
	p = payer_pay(&payer, &info, 20, 1);
	ok(take(&p, "a", NULL));
	assert_int_equal(balance("a"), 20ull * EV);
	assert_true(stored() <= 1);
	payment_clear(&p);
}

static void charges_pixels(void **state)
{
	struct orchestrator_info info;
	struct payment p = good(&info, 2), none;
	struct takings t;

	(void)state;
	ok(take(&p, "a", &t));
	charge("a", 99000000000, t.price);
	assert_int_equal(balance("a"), 2ull * EV - 990000000000);
	/* Enough for one more: a ticket's worth is there. */
	none = payer_pay(&payer, &info, 0, 0);
	ok(take(&none, "a", NULL));
	charge("a", 2000000000, t.price);
	says(take(&none, "a", NULL), "Insufficient balance");
	payment_clear(&p);
	p = payer_pay(&payer, &info, 1, 3);
	ok(take(&p, "a", NULL));
	payment_clear(&p);
}

static void one_rule_broken(void **state)
{
	struct orchestrator_info info;
	struct payment p = good(&info, 1), q = p;
	char text[200], name[EC_ADDR_TEXT_SIZE];

	(void)state;
	/* What the recipient must have made itself. */
	q.params.face_value = wei_from(EV + 2);
	payer_sign_ticket(&payer, &q, 0, 1);
	refused(&q, "a", "invalid recipientRand for ticket recipientRandHash");
	q.params = p.params;
	q.params.win_prob = PROB_MAX;
	payer_sign_ticket(&payer, &q, 0, 1);
	refused(&q, "a", "invalid recipientRand for ticket recipientRandHash");
	q.params = p.params;
	q.params.expiration.v += 1000;
	refused(&q, "a", "invalid recipientRand for ticket recipientRandHash");
	q.params = p.params;
	q.created.round.v++;
	refused(&q, "a", "invalid recipientRand for ticket recipientRandHash");
	q.created = p.created;
	q.params.rand_hash.b[3] ^= 1;
	refused(&q, "a", "invalid recipientRand for ticket recipientRandHash");
	q.params = p.params;
	q.price_per_unit = 9;
	refused(&q, "a", "invalid recipientRand for ticket recipientRandHash");
	q.price_per_unit = p.price_per_unit;
	q.params.recipient = other.address;
	refused(&q, "a", "invalid ticket recipient");
	q.params = p.params;
	/* The price. */
	q.has_price = false;
	refused(&q, "a", "invalid expected price sent with payment err=\"expected price "
		"is nil\"");
	q.has_price = true;
	q.pixels_per_unit = 0;
	refused(&q, "a", "invalid expected price sent with payment err=\"pixels per "
		"unit is 0\"");
	q.pixels_per_unit = -1;
	refused(&q, "a", "invalid expected price sent with payment err=\"expected price "
		"is negative\"");
	q.pixels_per_unit = 1;
	/* The signature: somebody else's, a short one, a high one. */
	payer_sign_ticket(&other, &q, 0, 1);
	refused(&q, "a", "invalid ticket signature");
	q.tickets[0].sig_len = 64;
	refused(&q, "a", "invalid ticket signature");
	q.tickets[0].sig_len = 65;
	q.tickets[0].sig.b[64] = 0;
	refused(&q, "a", "invalid ticket signature");
	assert_int_equal(stored(), 0);
	assert_int_equal(nonces(), 0);
	/* We are not active. */
	payer_sign_ticket(&payer, &q, 0, 1);
	chain->facts.active = false;
	tell();
	ec_address_text(name, us.address.b);
	snprintf(text, sizeof(text), "orchestrator %s is inactive in round 7, cannot "
		"process payments", name);
	refused(&q, "a", text);
	chain->facts.active = true;
	/* The sender is about to take its money away. */
	chain->purse[0].funds.withdraw_round.v = 8;
	tell();
	ec_address_text(name, payer.address.b);
	snprintf(text, sizeof(text), "deposit and reserve for sender %s is set to unlock "
		"soon", name);
	refused(&q, "a", text);
	chain->purse[0].funds.withdraw_round.v = 9;
	tell();
	/* The params are over: no credit, but what has won has won. */
	chain->facts.l1.v = 1040;
	tell();
	refused(&q, "a", "TicketParams expired");
	assert_int_equal(stored(), 1);
	assert_true(credit_is_zero(received));
	payment_clear(&p);
}

static void replays_bring_nothing(void **state)
{
	struct orchestrator_info info;
	struct payment p = good(&info, 3);
	char text[160], name[EC_ADDR_TEXT_SIZE];

	(void)state;
	ok(take(&p, "a", NULL));
	ec_address_text(name, payer.address.b);
	snprintf(text, sizeof(text), "invalid ticket senderNonce: already seen sender=%s "
		"nonce=3", name);
	for (int i = 0; i < 20; i++)
		says(take(&p, i % 2 ? "a" : "b", NULL), text);
	assert_int_equal(balance("a"), 3ull * EV);
	assert_int_equal(balance("b"), 0);
	assert_int_equal(stored(), 3);
	assert_int_equal(won_calls, 1);
	assert_int_equal(nonces(), 3);
	payment_clear(&p);
}

/* Good ones before a bad one count; those after it do not, but for winning. */
static void the_rest_of_a_payment(void **state)
{
	struct orchestrator_info info;
	struct payment p = good(&info, 4);

	(void)state;
	payer_sign_ticket(&other, &p, 2, 3);
	says(take(&p, "a", NULL), "invalid ticket signature");
	assert_int_equal(balance("a"), 2ull * EV);
	assert_int_equal(stored(), 3);
	payment_clear(&p);
}

static void nonces_are_bounded(void **state)
{
	struct orchestrator_info info;
	struct payment p = good(&info, 600), q;
	char text[160], name[EC_ADDR_TEXT_SIZE];

	(void)state;
	ok(take(&p, "a", NULL));
	q = payer_pay(&payer, &info, 1, 601);
	ec_address_text(name, payer.address.b);
	snprintf(text, sizeof(text), "invalid ticket senderNonce: too many values "
		"sender=%s nonce=601", name);
	says(take(&q, "b", NULL), text);
	assert_int_equal(nonces(), 600);
	assert_int_equal(stored(), 601); /* it has won all the same */
	/* With the params' end they are forgotten. */
	chain->facts.l1.v = 1040;
	tell();
	assert_int_equal(nonces(), 0);
	payment_clear(&p);
	payment_clear(&q);
}

/* --- the price of a session --- */

static void a_session_keeps_its_price(void **state)
{
	struct orchestrator_info info, later;
	struct payment p = good(&info, 1), q;
	struct takings t;
	struct price dear;

	(void)state;
	assert_true(price_from_wire(&dear, 20, 1));
	/* The price went up before the first segment: what was quoted holds, and
	 * the answer to the segment says so. */
	cashier_set_price(c, NULL, dear);
	ok(quote(payer.address, "a", &p, &later));
	assert_int_equal(later.price_per_unit, 10);
	ok(take(&p, "a", &t));
	assert_true(price_eq(t.price, options.price));
	ok(quote(payer.address, "a", NULL, &later));
	assert_int_equal(later.price_per_unit, 10);
	/* Tickets of a new quote do not change it. */
	ok(quote(payer.address, NULL, NULL, &later));
	assert_int_equal(later.price_per_unit, 20);
	q = payer_pay(&payer, &later, 1, 1);
	says(take(&q, "a", NULL), "invalid expected price sent with payment err=\"sent "
		"20/1, the session is at 10/1\"");
	ok(take(&q, "b", NULL));
	payment_clear(&p);
	payment_clear(&q);
}

static void nobody_names_his_own_price(void **state)
{
	struct orchestrator_info info;
	struct payment p = good(&info, 1), q = payer_pay(&payer, &info, 0, 0);

	(void)state;
	/* Without a ticket nothing is proved: the reference would work for 0. */
	q.price_per_unit = 0;
	refused(&q, "a", "invalid expected price sent with payment err=\"sent 0/1, the "
		"session is at 10/1\"");
	q.has_price = false;
	refused(&q, "a", "invalid expected price sent with payment err=\"expected price "
		"is nil\"");
	q.has_price = true;
	q.price_per_unit = 10;
	refused(&q, "a", "Insufficient balance");
	ok(take(&p, "a", NULL));
	ok(take(&q, "a", NULL));
	q.price_per_unit = 0;
	says(take(&q, "a", NULL), "invalid expected price sent with payment err=\"sent "
		"0/1, the session is at 10/1\"");
	payment_clear(&p);
}

static void balances_are_forgotten(void **state)
{
	struct orchestrator_info info;
	struct payment p = good(&info, 1);

	(void)state;
	ok(take(&p, "a", NULL));
	tick(599000);
	assert_int_equal(balance("a"), EV);
	tick(1300000);
	assert_int_equal(balance("a"), 0);
	payment_clear(&p);
}

/* --- when the database fails --- */

static void spoil(const char *sql)
{
	struct db *db;

	ok(db_open(path, DB_NORMAL, &db));
	ok(db_exec(db, sql));
	db_close(db);
}

static void add_text(void *ctx, const struct journal_record *r)
{
	str_add(ctx, r->text);
	str_addc(ctx, '\n');
}

static void journal_has(const char *text)
{
	struct str all = STR_INIT;

	journal_read(journal, 0, 1000, add_text, &all);
	if (!strstr(str_cstr(&all), text))
		fail_msg("no \"%s\" in: %s", text, str_cstr(&all));
	str_clear(&all);
}

static void winners_wait_for_the_database(void **state)
{
	struct orchestrator_info info;
	struct payment p = good(&info, 3), q;
	struct err *e;

	(void)state;
	spoil("ALTER TABLE tickets RENAME TO hidden");
	e = take(&p, "a", NULL);
	assert_int_equal(err_kind(e), ERR_IO);
	err_free(e);
	assert_int_equal(cashier_unsaved(c), 3);
	assert_int_equal(won_calls, 0);
	assert_int_equal(balance("a"), 0);
	journal_has("3 winning tickets wait for the database");
	/* No more are taken on meanwhile, and no new sessions. */
	q = payer_pay(&payer, &info, 1, 4);
	e = take(&q, "a", NULL);
	assert_int_equal(err_kind(e), ERR_IO);
	err_free(e);
	assert_int_equal(cashier_unsaved(c), 3);
	says(quote(payer.address, NULL, NULL, &info),
		"winning tickets cannot be stored: no new sessions");
	tick(0);
	assert_int_equal(cashier_unsaved(c), 3);
	/* It comes back: all is there, and once. */
	spoil("ALTER TABLE hidden RENAME TO tickets");
	tick(5000);
	assert_int_equal(cashier_unsaved(c), 0);
	assert_int_equal(stored(), 3);
	assert_int_equal(won_calls, 1);
	ok(take(&q, "a", NULL));
	assert_int_equal(stored(), 4);
	payment_clear(&p);
	payment_clear(&q);
}

static void do_stop(void *ctx)
{
	(void)ctx;
	cashier_stop(c);
}

static void the_last_resort_is_the_log(void **state)
{
	struct orchestrator_info info;
	struct payment p = good(&info, 1);
	struct str sig = STR_INIT;

	(void)state;
	spoil("ALTER TABLE tickets RENAME TO hidden");
	err_free(take(&p, "a", NULL));
	actor_call(orch, do_stop, NULL);
	str_add_hex(&sig, p.tickets[0].sig.b, 65);
	journal_has(str_cstr(&sig));
	journal_has("a winning ticket could not be stored");
	str_clear(&sig);
	payment_clear(&p);
}

/* --- the view --- */

static void do_view(void *ctx)
{
	cashier_view(c, ctx);
}

static void shows(void **state)
{
	struct view_pricing v = { 0 };
	struct orchestrator_info info;
	struct payment p = good(&info, 2);
	struct price special;

	(void)state;
	ok(take(&p, "a", NULL));
	assert_true(price_from_wire(&special, 7, 2));
	cashier_set_price(c, &other.address, special);
	cashier_note(c, payer.address, "OrchestratorCapped");
	actor_call(orch, do_view, &v);
	assert_string_equal(v.price, "10 wei/px");
	assert_string_equal(v.advertised, "10 wei/px");
	assert_string_equal(v.ticket_ev, "1000 gwei");
	assert_string_equal(v.redeem_gas, "1 gas");
	assert_string_equal(v.tx_cost, "1 gwei");
	assert_int_equal(v.per_broadcaster.n, 1);
	assert_string_equal(v.per_broadcaster.v[0].price, "3.5 wei/px");
	assert_int_equal(v.senders.n, 1);
	assert_string_equal(v.senders.v[0].deposit, "1 ETH");
	assert_string_equal(v.senders.v[0].max_float, "0.1 ETH");
	assert_string_equal(v.senders.v[0].received, "2000 gwei");
	assert_string_equal(v.senders.v[0].last_error, "OrchestratorCapped");
	view_clear(view_pricing_desc(), &v);
	payment_clear(&p);
}

static void float_is_what_is_not_under_way(void **state)
{
	struct view_pricing v = { 0 };
	struct orchestrator_info info;

	(void)state;
	ok(quote(payer.address, NULL, NULL, &info));
	cashier_set_pending(c, payer.address, fake_eth(500));
	actor_call(orch, do_view, &v);
	assert_string_equal(v.senders.v[0].max_float, "0 wei");
	assert_string_equal(v.senders.v[0].pending, "0.5 ETH");
	view_clear(view_pricing_desc(), &v);
	says(quote(payer.address, NULL, NULL, &info), "insufficient sender reserve");
	cashier_set_pending(c, payer.address, WEI_ZERO);
	ok(quote(payer.address, NULL, NULL, &info));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(believes_signatures_only),
		TEST(the_network_signs_the_same),
		TEST(asks_the_chain_once),
		TEST(a_dead_chain_is_told_to_newcomers),
		TEST(a_silent_chain_too),
		TEST(strangers_are_bounded),
		TEST(silent_questions_are_bounded),
		TEST(quotes),
		TEST(prices_by_sender),
		TEST(a_free_session_asks_for_nothing),
		TEST(no_facts_no_quote),
		TEST(no_round_with_a_hash_no_quote),
		TEST(tickets_are_credited_and_kept),
		TEST(losers_bring_credit_only),
		TEST(charges_pixels),
		TEST(one_rule_broken),
		TEST(replays_bring_nothing),
		TEST(the_rest_of_a_payment),
		TEST(nonces_are_bounded),
		TEST(a_session_keeps_its_price),
		TEST(nobody_names_his_own_price),
		TEST(balances_are_forgotten),
		TEST(winners_wait_for_the_database),
		TEST(the_last_resort_is_the_log),
		TEST(shows),
		TEST(float_is_what_is_not_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
