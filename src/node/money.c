#include "src/node/money.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/txs.h"
#include "proto/ctl_codec.h"
#include "src/base/clock.h"
#include "src/crypto/random.h"
#include "src/node/command.h"
#include "src/node/node.h"
#include "src/role/staker.h"

#define LISTED_MAX 1000 /* transactions looked through for one */

enum question_state { QUESTION_OPEN, QUESTION_RUNNING, QUESTION_OVER };

struct open_question {
	char token[COMMAND_TOKEN_SIZE];
	char *command; /* name and arguments, that the answer must repeat */
	enum question_state state;
	int64_t until_ms; /* monotonic */
	struct weighed *weighed; /* a deed; NULL: a transaction */
	enum tx_order order;
	int64_t tx;
	char *outcome; /* OVER */
};

struct money {
	struct open_question v[MONEY_MAX];
	size_t n;
};

struct money *money_new(void)
{
	return XNEW(struct money);
}

static void question_end(struct open_question *q)
{
	free(q->command);
	weighed_free(q->weighed);
	free(q->outcome);
}

void money_free(struct money *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++)
		question_end(&m->v[i]);
	free(m);
}

static void drop(struct money *m, struct open_question *q)
{
	question_end(q);
	*q = m->v[--m->n];
}

static void expire(struct money *m)
{
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < m->n;)
		if (m->v[i].until_ms < now_ms && m->v[i].state != QUESTION_RUNNING)
			drop(m, &m->v[i]);
		else
			i++;
}

static struct open_question *find(struct money *m, const char *token)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->v[i].token, token))
			return &m->v[i];
	return NULL;
}

static char *repeated(const struct command *c)
{
	struct str s = STR_INIT;

	str_add(&s, c->def->name);
	for (size_t i = 0; i < c->def->args_n; i++)
		if (c->text[i])
			str_printf(&s, "\n%s=%s", c->def->args[i].name, c->text[i]);
	return str_take(&s);
}

/* --- asking --- */

/* Takes what q holds. */
static struct ctl_answer *ask(struct money *m, struct open_question *taken,
	const char *before, const char *summary, const char *word)
{
	struct ctl_answer *a = ctl_answer_new(CTL_ASKS, NULL);
	struct str text = STR_INIT;

	expire(m);
	if (m->n == MONEY_MAX) /* the oldest was never answered */
		for (size_t i = 0; i < m->n; i++)
			if (m->v[i].state != QUESTION_RUNNING) {
				drop(m, &m->v[i]);
				break;
			}
	assert(m->n < MONEY_MAX);
	random_hex(taken->token, sizeof(taken->token) / 2);
	taken->until_ms = clock_mono_ms() + MONEY_OPEN_MS;
	m->v[m->n++] = *taken;
	str_printf(&text, "%s%s", before, summary);
	a->text = str_take(&text);
	a->token = xstrdup(taken->token);
	a->word = xstrdup(word);
	return a;
}

struct asking { /* a command on its way through the staker or the chain */
	struct command_target *t;
	struct reply reply;
	char *command;
	char token[COMMAND_TOKEN_SIZE];
};

static struct asking *asking(struct command_target *t, const struct command *c,
	struct reply reply)
{
	struct asking *a = XNEW(struct asking);

	a->t = t;
	a->reply = reply;
	a->command = repeated(c);
	memcpy(a->token, c->token, sizeof(a->token));
	return a;
}

static void asking_end(struct asking *taken, struct err *e, struct ctl_answer *answer)
{
	struct reply reply = taken->reply;

	free(taken->command);
	free(taken);
	reply_send(reply, e, answer);
}

static struct ctl_answer *ask_weighed(struct asking *a, struct weighed *taken,
	const char *before)
{
	struct open_question q = {.command = TAKE(a->command), .weighed = taken};

	return ask(a->t->money, &q, before, taken->summary, taken->word);
}

static void on_weighed(void *ctx, struct err *taken, void *result)
{
	struct asking *a = ctx;

	asking_end(a, taken, taken ? NULL : ask_weighed(a, result, ""));
}

/* --- acting --- */

static void on_done(void *ctx, struct err *taken, void *result)
{
	struct asking *a = ctx;
	struct open_question *q = find(a->t->money, a->token);
	struct ctl_answer *answer = NULL;
	struct done *done = result;

	assert(q); /* one that runs is not dropped */
	if (taken || done->changed) {
		drop(a->t->money, q);
		if (!taken)
			answer = ask_weighed(a, TAKE(done->changed),
				"This has changed since it was asked about:\n");
	} else {
		q->state = QUESTION_OVER;
		q->until_ms = clock_mono_ms() + MONEY_KEPT_MS;
		q->outcome = xstrdup(done->text);
		answer = ctl_answer_new(CTL_ACCEPTED, TAKE(done->text));
	}
	done_free(done);
	asking_end(a, taken, answer);
}

static void on_tx_done(void *ctx, struct err *taken, void *result)
{
	struct asking *a = ctx;
	struct open_question *q = find(a->t->money, a->token);
	struct tx_job *job = result;
	struct done *done = NULL;
	struct str text = STR_INIT;

	assert(q);
	if (!taken) {
		done = XNEW(struct done);
		str_printf(&text, "transaction %lld %s, with ", (long long)job->id,
			q->order == TX_CANCEL ? "is being cancelled" : "is sent again");
		wei_fmt_gwei(&text, job->gas_price);
		str_add(&text, " for gas");
		done->text = str_take(&text);
	}
	free(job);
	on_done(a, taken, done);
}

static void act(struct command_target *t, struct open_question *q, struct asking *a)
{
	q->state = QUESTION_RUNNING;
	if (q->weighed)
		staker_do(node_staker(t->node), TAKE(q->weighed),
			(struct reply){a->reply.to, on_done, a});
	else if (q->order == TX_SPEED_UP)
		chain_speed_up(node_chain(t->node), q->tx,
			(struct reply){a->reply.to, on_tx_done, a});
	else
		chain_cancel(node_chain(t->node), q->tx,
			(struct reply){a->reply.to, on_tx_done, a});
}

/* true: the command was an answer, and has been dealt with. */
static bool confirmed(struct command_target *t, const struct command *c, struct reply reply)
{
	struct open_question *q;
	char *command;
	bool same;

	if (!*c->token)
		return false;
	expire(t->money);
	q = find(t->money, c->token);
	command = repeated(c);
	same = q && !strcmp(command, q->command);
	free(command);
	if (!same)
		reply_send(reply, err_new(ERR_INVALID, "%s: that question is too old, or was "
			"another one; ask again", c->def->name), NULL);
	else if (q->state == QUESTION_OVER)
		reply_send(reply, NULL, ctl_answer_new(CTL_ACCEPTED, xstrdup(q->outcome)));
	else if (q->state == QUESTION_RUNNING)
		reply_send(reply, err_new(ERR_BUSY, "%s: it is being done", c->def->name), NULL);
	else
		act(t, q, asking(t, c, reply));
	return true;
}

static bool is_offchain(struct command_target *t, const struct command *c, struct reply reply)
{
	if (node_staker(t->node))
		return false;
	reply_send(reply, err_new(ERR_INVALID, "%s: this node is on no chain (-network)",
		c->def->name), NULL);
	return true;
}

void money_deed(struct command_target *t, const struct command *c, const struct deed *d,
	struct reply reply)
{
	if (is_offchain(t, c, reply) || confirmed(t, c, reply))
		return;
	staker_weigh(node_staker(t->node), d,
		(struct reply){reply.to, on_weighed, asking(t, c, reply)});
}

/* --- transactions --- */

struct tx_search {
	int64_t id;
	struct tx_job job;
	bool found;
};

static void match_tx(void *ctx, const struct tx_job *j)
{
	struct tx_search *s = ctx;

	if (j->id != s->id)
		return;
	s->job = *j;
	s->found = true;
}

static struct err *find_tx(struct command_target *t, int64_t id, struct tx_job *out)
{
	struct tx_search s = {.id = id};
	struct err *e = txs_each(t->db, node_account(t->node), LISTED_MAX, match_tx, &s);

	if (!e && !s.found)
		e = err_new(ERR_NOT_FOUND, "there is no transaction %lld", (long long)id);
	if (!e && tx_state_is_final(s.job.state))
		e = err_new(ERR_INVALID, "transaction %lld is over: %s", (long long)id,
			tx_state_name(s.job.state));
	if (!e && s.job.state == TX_MINED)
		e = err_new(ERR_INVALID, "transaction %lld is mined already", (long long)id);
	*out = s.job;
	return e;
}

static struct ctl_answer *ask_tx(struct command_target *t, const struct command *c,
	enum tx_order order, const struct tx_job *j)
{
	struct open_question q = {.command = repeated(c), .order = order, .tx = j->id};
	struct ctl_answer *a;
	struct str text = STR_INIT;
	char word[5];

	snprintf(word, sizeof(word), "%02x%02x", j->hash.b[30], j->hash.b[31]);
	str_printf(&text, "%s transaction %lld: %s\n  ", order == TX_CANCEL ? "cancel" :
		"speed up", (long long)j->id, j->note);
	if (j->attempts) {
		str_printf(&text, "nonce %llu, sent %u times, ", (unsigned long long)j->nonce,
			j->attempts);
		wei_fmt_gwei(&text, j->gas_price);
		str_add(&text, " offered for gas now\n  ");
		str_add(&text, order == TX_CANCEL
			? "an empty transaction takes its nonce, for a ninth more at least; if "
			  "the first is mined all the same, it counts"
			: "it is sent again for a ninth more at least");
		str_add(&text, "\n  ");
		hash_fmt(&text, j->hash);
	} else {
		str_printf(&text, "it was not sent yet%s%s", *j->error ? ": " : "", j->error);
	}
	a = ask(t->money, &q, "", text.s, word);
	str_clear(&text);
	return a;
}

void money_tx(struct command_target *t, const struct command *c, enum tx_order order,
	int64_t id, struct reply reply)
{
	struct tx_job job;
	struct err *e;

	if (is_offchain(t, c, reply) || confirmed(t, c, reply))
		return;
	e = find_tx(t, id, &job);
	reply_send(reply, e, e ? NULL : ask_tx(t, c, order, &job));
}
