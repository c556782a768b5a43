#include "src/node/doctor.h"

#include <stdarg.h>
#include <string.h>

#include "src/model/price_cap.h"
#include "src/model/trouble.h"
#include "src/model/view_money.h"

#define HEAD_LATE_MS 60000
#define CLOCK_SKEW_MS 5000
/* About ten rewards and five redemptions at 1 gwei on L1. */
#define LOW_ETH "0.01 ETH"

enum result { PASS, WARN, FAIL, NONE };

static const char *const result_names[] = {"pass", "warn", "fail", "n/a"};

static struct check_row *add(struct view_doctor *v, const char *id, const char *name,
	enum result r, const char *remedy, const char *fmt, ...) printf_like(6, 7);
static struct check_row *add(struct view_doctor *v, const char *id, const char *name,
	enum result r, const char *remedy, const char *fmt, ...)
{
	struct check_row *row = VIEW_ADD(&v->rows);
	size_t before = 0;
	struct str s = STR_INIT;
	va_list ap;

	for (size_t i = 0; i + 1 < v->rows.n; i++)
		before += !strncmp(v->rows.v[i].id, id, strlen(id));
	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	if (before) /* of several orchestrators or senders */
		view_setf(&row->id, "%s-%zu", id, before + 1);
	else
		view_set(&row->id, id);
	view_set(&row->name, name);
	view_set(&row->result, result_names[r]);
	view_set(&row->detail, str_cstr(&s));
	view_set(&row->remedy, r == PASS || r == NONE ? "" : remedy);
	str_clear(&s);
	return row;
}

static bool is(const char *field, const char *word)
{
	return strcmp(view_text(field), word) == 0;
}

static const struct alarm_row *alarm_of(const struct node_facts *f, const char *id)
{
	for (size_t i = 0; i < f->node.alarms.n; i++)
		if (is(f->node.alarms.v[i].id, id) && !is(f->node.alarms.v[i].state, "over"))
			return &f->node.alarms.v[i];
	return NULL;
}

/* --- the chain --- */

static void check_rpc(const struct node_facts *f, struct view_doctor *v)
{
	size_t good = 0;
	const char *why = "";

	for (size_t i = 0; i < f->chain.rpcs.n; i++) {
		const struct rpc_row *r = &f->chain.rpcs.v[i];

		good += is(r->state, "ok");
		if (!is(r->state, "ok"))
			why = *view_text(r->last_error) ? r->last_error : view_text(r->state);
	}
	if (!good)
		add(v, "rpc", "RPC", FAIL, "look at -ethUrl: is it the right network, and are "
			"there requests left?", "none of %zu answers: %s", f->chain.rpcs.n, why);
	else if (good < f->chain.rpcs.n)
		add(v, "rpc", "RPC", WARN, "give the bad one up, or see why it fails",
			"%zu of %zu answer: %s", good, f->chain.rpcs.n, why);
	else
		add(v, "rpc", "RPC", PASS, "", "%zu of %zu answer", good, f->chain.rpcs.n);
}

static void check_head(const struct node_facts *f, struct view_doctor *v)
{
	long long age_s = f->chain.head_age_ms / 1000;

	if (!f->chain.ready)
		add(v, "head", "Blocks", FAIL, "wait for the RPC, or give another -ethUrl",
			"no block was seen yet");
	else if (f->chain.head_age_ms < -CLOCK_SKEW_MS)
		add(v, "head", "Clock", FAIL, "set the clock (NTP)", "the newest block is %lld s "
			"ahead of this machine's clock", -age_s);
	else if (f->chain.head_age_ms > HEAD_LATE_MS)
		add(v, "head", "Blocks", WARN, "the RPC stands still, or this clock is ahead",
			"the newest block is %lld s old", age_s);
	else
		add(v, "head", "Blocks and clock", PASS, "", "block %lld, %lld s old",
			(long long)f->chain.head, age_s);
}

static void check_protocol(const struct node_facts *f, struct view_doctor *v)
{
	if (f->chain.paused)
		add(v, "protocol", "Protocol", FAIL, "wait; nothing can be sent", "it is paused");
	else if (f->chain.round != f->chain.round_initialized)
		add(v, "protocol", "Round", WARN, "weir initialize_round, or -initializeRound",
			"round %lld is not initialized: no reward, no redemption",
			(long long)f->chain.round);
	else
		add(v, "protocol", "Round", PASS, "", "%lld, %lld blocks left",
			(long long)f->chain.round, (long long)f->chain.blocks_left);
}

static void check_key(const struct node_facts *f, struct view_doctor *v)
{
	struct wei have, low;
	struct err *e = wei_parse(&have, view_text(f->chain.eth_balance));

	add(v, "key", "Key", PASS, "", "%s", view_text(f->chain.account));
	err_free(wei_parse(&low, LOW_ETH));
	if (e)
		add(v, "balance", "ETH for gas", NONE, "", "not known yet");
	else if (wei_is_zero(have))
		add(v, "balance", "ETH for gas", FAIL, "send ETH to the account",
			"the account is empty: nothing can be sent");
	else if (wei_cmp(have, low) < 0)
		add(v, "balance", "ETH for gas", WARN, "send ETH to the account",
			"%s left", view_text(f->chain.eth_balance));
	else
		add(v, "balance", "ETH for gas", PASS, "", "%s",
			view_text(f->chain.eth_balance));
	err_free(e);
}

/* --- the orchestrator --- */

static void check_stake(const struct node_facts *f, struct view_doctor *v)
{
	const struct view_staking *s = &f->staking;

	if (is(s->state, "not registered"))
		add(v, "stake", "Stake", FAIL, "weir activate", "not registered: nothing is bonded "
			"to itself");
	else if (!s->rank)
		add(v, "stake", "Stake", FAIL, "bond more than the last in the pool has",
			"not in the pool; the last in it has %s", view_text(s->cutoff));
	else
		add(v, "stake", "Stake", PASS, "", "%s, rank %lld of %lld",
			view_text(s->delegated), (long long)s->rank, (long long)s->pool_max);
	if (is(s->state, "active"))
		add(v, "active", "Active set", PASS, "", "since round %lld",
			(long long)s->activation_round);
	else
		add(v, "active", "Active set", FAIL, "it changes with the round: wait for the next "
			"one, or bond more", "inactive in round %lld: broadcasters' payments are "
			"refused", (long long)f->chain.round);
	if (is(s->state, "active"))
		add(v, "reward", "Reward", s->reward_called ? PASS : WARN,
			"it is called by itself unless -reward=false; weir reward", "%s",
			*view_text(s->reward_state) ? s->reward_state
			: s->reward_called ? "called" : "not called yet");
}

/* Where this node says it is; "" unknown. */
static const char *own_address(const struct node_facts *f)
{
	for (size_t i = 0; i < f->node.roles.n; i++) {
		const struct role_row *r = &f->node.roles.v[i];

		for (size_t k = 0; k < r->listens.n; k++)
			if (is(r->name, "orchestrator") && is(r->listens.v[k].what, "service"))
				return view_text(r->listens.v[k].address);
	}
	return "";
}

static void check_service(const struct node_facts *f, struct view_doctor *v)
{
	const struct alarm_row *a = alarm_of(f, "unreachable");

	if (f->onchain && !*view_text(f->staking.service_uri))
		add(v, "uri", "Service URI", FAIL,
			"weir set_orchestrator service_uri=\"https://...\"",
			"none is registered: nobody can find this orchestrator");
	else if (f->onchain && *own_address(f) && !is(f->staking.service_uri, own_address(f)))
		add(v, "uri", "Service URI", WARN, "weir set_orchestrator service_uri=..., or "
			"correct -serviceAddr", "registered is %s, and this node is %s",
			f->staking.service_uri, own_address(f));
	else if (f->onchain)
		add(v, "uri", "Service URI", PASS, "", "%s", f->staking.service_uri);
	if (a)
		add(v, "reach", "Reachable", FAIL, "open the port, or correct -serviceAddr", "%s",
			view_text(a->text));
	else
		add(v, "reach", "Reachable", PASS, "", "from here, at least: try from elsewhere");
}

/* Against what broadcasters are known to pay at most. */
static void check_cap(const struct node_facts *f, struct view_doctor *v)
{
	const char *price = f->pricing.advertised, *whose;
	struct price asked, cap;
	struct str most = STR_INIT;

	if (!view_read_price(&asked, price) ||
		!price_cap_known(&cap, &whose, f->chain.chain_id)) {
		add(v, "price", "Price", PASS, "",
			"%s; what broadcasters pay at most is not known on this chain", price);
		return;
	}
	price_fmt(&most, cap);
	if (price_cmp(asked, cap) > 0)
		add(v, "price", "Price", WARN, "lower it (weir set_price), or know who pays it",
			"%s: %s pay %s at most", price, whose, str_cstr(&most));
	else
		add(v, "price", "Price", PASS, "", "%s: %s pay up to %s", price, whose,
			str_cstr(&most));
	str_clear(&most);
}

static void check_price(const struct node_facts *f, struct view_doctor *v)
{
	if (!*view_text(f->pricing.advertised))
		add(v, "price", "Price", NONE, "", "not known yet");
	else if (f->pricing.overhead_pct > 20)
		add(v, "price", "Price", WARN, "allow a higher face value, or turn the "
			"adjustment off",
			"%s, raised by %.3g %% for gas", f->pricing.advertised,
			f->pricing.overhead_pct);
	else
		check_cap(f, v);
}

static void explain(struct view_doctor *v, const char *id, const char *who, const char *error)
{
	const struct trouble *t = trouble_find(error);

	add(v, id, who, WARN, t ? t->remedy : "look at the log", "%s%s%s", error,
		t ? ": " : "", t ? t->meaning : "");
}

#define SENDERS_TOLD 10

/* What stands behind a broadcaster's tickets, if anything; true: it was told. */
static bool check_sender(const struct funds_row *s, struct view_doctor *v)
{
	if (s->withdraw_round)
		add(v, "sender", view_text(s->address), WARN, "it cancels the unlocking, or funds "
			"again", "it may take its money out from round %lld on",
			(long long)s->withdraw_round);
	else if (is(s->reserve, "0 wei"))
		add(v, "sender", view_text(s->address), WARN, "it adds to its reserve",
			"its reserve is empty: nothing stands behind its tickets");
	else if (*view_text(s->last_error))
		explain(v, "sender", view_text(s->address), s->last_error);
	else
		return false;
	return true;
}

static void check_senders(const struct node_facts *f, struct view_doctor *v)
{
	size_t bad = 0;

	for (size_t i = 0; i < f->pricing.senders.n && bad < SENDERS_TOLD; i++)
		bad += check_sender(&f->pricing.senders.v[i], v);
	if (!f->pricing.senders.n)
		add(v, "senders", "Broadcasters", WARN, "is the price right, and the port open?",
			"nobody has asked for work yet");
	else if (!bad)
		add(v, "senders", "Broadcasters", PASS, "", "%zu known", f->pricing.senders.n);
}

static void check_tickets(const struct node_facts *f, struct view_doctor *v)
{
	const struct view_tickets *t = &f->tickets;

	for (size_t i = 0; i < t->rows.n; i++) {
		const struct ticket_row *r = &t->rows.v[i];

		if (!is(r->state, "won") || r->rounds_left > 1 || !*view_text(r->reason))
			continue;
		explain(v, "tickets", "Tickets", r->reason);
		return;
	}
	add(v, "tickets", "Tickets", t->failed + t->lapsed ? WARN : PASS,
		"weir tickets state=lapsed; weir tickets state=failed",
		"%lld under way, %lld redeemed, %lld lost", (long long)(t->waiting + t->submitted),
		(long long)t->redeemed, (long long)(t->failed + t->lapsed));
}

/* --- the work --- */

static void check_transcoders(const struct node_facts *f, struct view_doctor *v)
{
	size_t ready = 0, sick = 0;
	const char *why = "";

	for (size_t i = 0; i < f->transcoders.rows.n; i++) {
		const struct transcoder_row *r = &f->transcoders.rows.v[i];

		ready += !r->draining && (is(r->state, "idle") || is(r->state, "busy"));
		if (r->speed > 0 && r->speed < 1) {
			sick++;
			why = view_text(r->id);
		}
	}
	if (!ready)
		add(v, "transcoders", "Transcoders", FAIL, "run one with this node's "
			"-orchSecret, or give this node -transcoder", "none is ready");
	else if (sick)
		add(v, "transcoders", "Transcoders", WARN, "fewer sessions, or a faster preset",
			"%zu of %zu slower than real time (%s)", sick, ready, why);
	else
		add(v, "transcoders", "Transcoders", PASS, "", "%zu ready", ready);
}

static void check_room(const struct node_facts *f, struct view_doctor *v)
{
	const struct view_node *n = &f->node;

	if (!is(n->state, "running"))
		add(v, "room", "Sessions", WARN, "weir resume", "the node is %s",
			view_text(n->state));
	else if (n->max_sessions && n->sessions >= n->max_sessions)
		add(v, "room", "Sessions", WARN, "weir set_max_sessions, or more transcoders",
			"%lld of %lld taken: others read OrchestratorCapped",
			(long long)n->sessions, (long long)n->max_sessions);
	else
		add(v, "room", "Sessions", PASS, "", "%lld of %lld taken", (long long)n->sessions,
			(long long)n->max_sessions);
}

/* --- the broadcaster --- */

static void check_orchestrators(const struct node_facts *f, struct view_doctor *v)
{
	size_t good = 0;

	for (size_t i = 0; i < f->orchestrators.rows.n; i++) {
		const struct orchestrator_row *o = &f->orchestrators.rows.v[i];

		good += !o->suspended;
		if (*view_text(o->last_error))
			explain(v, "orchestrator", view_text(o->uri), o->last_error);
	}
	if (!good)
		add(v, "orchestrators", "Orchestrators", f->orchestrators.rows.n ? FAIL : WARN,
			"look at -orchAddr, and at the highest price",
			"none is usable of %zu known", f->orchestrators.rows.n);
	else
		add(v, "orchestrators", "Orchestrators", PASS, "", "%zu known, %zu set aside for "
			"a while", f->orchestrators.rows.n, f->orchestrators.rows.n - good);
}

static void check_streams(const struct node_facts *f, struct view_doctor *v)
{
	const struct alarm_row *a = alarm_of(f, "stream-lost");

	if (a)
		add(v, "streams", "Streams", FAIL, view_text(a->remedy), "%s",
			view_text(a->text));
	else
		add(v, "streams", "Streams", PASS, "", "%zu live", f->streams.rows.n);
}

static void check_funds(const struct node_facts *f, struct view_doctor *v)
{
	const struct view_funds *m = &f->funds;

	if (!*view_text(m->state))
		add(v, "funds", "Deposit and reserve", NONE, "", "not known yet");
	else if (is(m->state, "empty"))
		add(v, "funds", "Deposit and reserve", FAIL,
			"weir fund deposit=\"0.1 ETH\" reserve=\"0.1 ETH\"", "empty");
	else if (m->withdraw_round)
		add(v, "funds", "Deposit and reserve", FAIL, "weir cancel_unlock",
			"unlocking: orchestrators refuse to work");
	else if (m->runway_hours >= 0 && m->runway_hours < 24)
		add(v, "funds", "Deposit and reserve", WARN, "weir fund deposit=\"...\"",
			"the deposit lasts %.3g hours", m->runway_hours);
	else
		add(v, "funds", "Deposit and reserve", PASS, "", "%s and %s",
			view_text(m->deposit), view_text(m->reserve));
}

static void check_ports(const struct node_facts *f, struct view_doctor *v)
{
	struct str s = STR_INIT;

	for (size_t i = 0; i < f->node.roles.n; i++)
		for (size_t k = 0; k < f->node.roles.v[i].listens.n; k++)
			str_printf(&s, "%s%s %s", s.len ? ", " : "",
				view_text(f->node.roles.v[i].listens.v[k].what),
				view_text(f->node.roles.v[i].listens.v[k].address));
	add(v, "ports", "Ports", s.len ? PASS : NONE, "", "%s",
		s.len ? s.s : "this role listens on none");
	str_clear(&s);
}

void doctor_examine(const struct node_facts *f, struct view_doctor *out)
{
	if (f->onchain) {
		check_rpc(f, out);
		check_head(f, out);
		check_protocol(f, out);
		check_key(f, out);
	}
	if (f->onchain && f->orchestrates)
		check_stake(f, out);
	if (f->orchestrates)
		check_service(f, out);
	if (f->onchain && f->orchestrates) {
		check_price(f, out);
		check_senders(f, out);
		check_tickets(f, out);
	}
	if (f->orchestrates || f->transcodes)
		check_transcoders(f, out);
	if (f->orchestrates)
		check_room(f, out);
	if (f->onchain && f->broadcasts)
		check_funds(f, out);
	if (f->broadcasts) {
		check_orchestrators(f, out);
		check_streams(f, out);
	}
	check_ports(f, out);
}

size_t doctor_failures(const struct view_doctor *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->rows.n; i++)
		n += is(v->rows.v[i].result, result_names[FAIL]);
	return n;
}

int doctor_worst(const struct view_doctor *v)
{
	if (doctor_failures(v))
		return 2;
	for (size_t i = 0; i < v->rows.n; i++)
		if (is(v->rows.v[i].result, result_names[WARN]))
			return 1;
	return 0;
}
