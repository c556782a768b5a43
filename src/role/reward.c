#include "src/role/reward.h"

#include <stdarg.h>
#include <stdio.h>

void attempt_note(struct attempt_log *a, struct round_no round, int64_t now_ms,
	const char *error)
{
	if (a->round.v != round.v)
		*a = (struct attempt_log){.round = round};
	a->last_ms = now_ms;
	a->n++;
	snprintf(a->error, sizeof(a->error), "%s", error ? error : "");
}

static bool is_resting(const struct attempt_log *a, struct round_no round, int64_t now_ms)
{
	return a->last_ms && a->round.v == round.v && now_ms - a->last_ms < REWARD_RETRY_MS;
}

int64_t round_blocks_left(const struct chain_facts *f)
{
	int64_t left = f->round.start.v + f->round.length - f->l1.v;

	return left > 0 ? left : 0;
}

int64_t round_lock_left(const struct chain_facts *f)
{
	return f->l1.v - f->round.start.v >= f->round.lock_from ? round_blocks_left(f) : 0;
}

static void say(struct reward_step *s, const char *fmt, ...) printf_like(2, 3);
static void say(struct reward_step *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
}

struct reward_step reward_decide(const struct reward_facts *f)
{
	struct reward_step s = {.act = REWARD_WAIT};
	const struct chain_facts *c = f->chain;
	long long round = (long long)c->round.current.v;
	const char *error = f->tried->round.v == c->round.current.v ? f->tried->error : "";

	if (!c->ready) {
		say(&s, "the chain has not been seen yet");
		return s;
	}
	if (!f->wanted) {
		s.act = REWARD_OFF;
		say(&s, "not called here: %s", c->registered ? "-reward=false"
			: "not registered as an orchestrator");
		return s;
	}
	if (!f->is_account) {
		s.act = REWARD_OFF;
		say(&s, "not called here: only the orchestrator's own key may, and this "
			"node has another");
		return s;
	}
	if (c->last_reward.v >= c->round.current.v) {
		s.act = REWARD_DONE;
		say(&s, "called in round %lld", round);
		return s;
	}
	if (!c->active) {
		say(&s, "not active in round %lld", round);
		return s;
	}
	s.owed = true;
	s.alarm = round_blocks_left(c) * 4 < c->round.length;
	if (c->paused) {
		say(&s, "the protocol is paused");
	} else if (c->round.initialized.v < c->round.current.v) {
		say(&s, "round %lld is not initialised yet", round);
	} else if (f->under_way) {
		say(&s, "called for in round %lld, not confirmed yet", round);
	} else if (is_resting(f->tried, c->round.current, f->now_ms)) {
		say(&s, "tried %u times in round %lld: %s", f->tried->n, round, error);
	} else {
		s.act = REWARD_CALL;
		if (*error)
			say(&s, "trying again in round %lld: %s", round, error);
		else
			say(&s, "calling in round %lld", round);
	}
	return s;
}

bool initialize_decide(const struct initialize_facts *f)
{
	const struct chain_facts *c = f->chain;

	return c->ready && f->wanted && !f->under_way && !c->paused &&
		c->round.initialized.v < c->round.current.v &&
		f->now_ms - f->began_ms >= f->delay_ms &&
		!is_resting(f->tried, c->round.current, f->now_ms);
}
