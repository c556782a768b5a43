#include "src/node/chain_alarms.h"

#include <stdarg.h>
#include <stdlib.h>

#define FACTS_LATE_MS 15000
#define HEAD_LATE_MS 60000
#define GWEI_LOW 10000000 /* 0.01 ETH: some rewards and redemptions on L1 */

static void say(raise_fn *raise, void *ctx, const char *level, const char *id,
	const char *fmt, ...) printf_like(5, 6);
static void say(raise_fn *raise, void *ctx, const char *level, const char *id,
	const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	raise(ctx, level, id, s.s);
	str_clear(&s);
}

static void chain_itself(const struct alarm_facts *f, raise_fn *raise, void *ctx)
{
	int64_t age_ms = f->now_ms - f->chain.seen_ms;

	if (!f->chain.ready) {
		if (f->now_ms - f->started_ms > FACTS_LATE_MS)
			say(raise, ctx, "broken", "no-chain", "no -ethUrl has told of the "
				"chain yet: "
				"new broadcasters are refused, streams and tickets wait");
		return;
	}
	if (age_ms > HEAD_LATE_MS)
		say(raise, ctx, "broken", "chain-late", "no new block for %lld s: look at -ethUrl; "
			"streams go on", (long long)age_ms / 1000);
	if (f->chain.paused)
		say(raise, ctx, "broken", "paused", "the protocol is paused: nothing can be sent");
}

static void stake(const struct alarm_facts *f, raise_fn *raise, void *ctx)
{
	const struct staker_state *s = f->staker;
	struct str text = STR_INIT;

	if (s->reward_alarm)
		say(raise, ctx, "broken", "reward", "%s", s->reward);
	if (s->evicted)
		say(raise, ctx, "broken", "evicted", "not in the pool any more: bond more, or "
			"no work "
			"comes from the next round on");
	if (s->failed)
		say(raise, ctx, "broken", "deed", "%s", s->deed);
	if (f->orchestrates && f->chain.ready && f->chain.registered && !f->chain.active)
		say(raise, ctx, "unusual", "inactive", "not active in round %lld: payments "
			"are refused",
			(long long)f->chain.round.current.v);
	if (s->known && wei_cmp(s->eth, wei_from_gwei(GWEI_LOW)) < 0) {
		wei_fmt(&text, s->eth);
		say(raise, ctx, wei_is_zero(s->eth) ? "broken" : "unusual", "eth",
			"the account has %s left for gas", text.s);
		str_clear(&text);
	}
}

void chain_alarms(const struct alarm_facts *f, raise_fn *raise, void *ctx)
{
	chain_itself(f, raise, ctx);
	if (f->staker)
		stake(f, raise, ctx);
}
