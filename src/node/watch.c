#include "src/node/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/alarms.h"
#include "src/alarm/hook.h"
#include "src/alarm/news.h"
#include "src/alarm/post.h"
#include "src/base/clock.h"
#include "src/node/datadir.h"
#include "src/node/node_facts.h"
#include "src/node/onchain.h"

#define ROWS_MAX 64
/* Sessions are many, and what is read of them is of minutes. */
#define SESSIONS_MS 10000

struct watch {
	struct node *n;
	struct log *log;
	struct alarm_book *book;
	struct alarm_memory memory;
	struct node_facts facts;
	int64_t sessions_ms; /* monotonic: when they were read */
	struct db *db;	     /* NULL: could not be opened */
	bool failing;	     /* said so already */
	char where[320];     /* "host:datadir", for those who are told */
	struct alarm_hook *hook; /* NULL: none */
	struct alarm_post *post; /* NULL: none */
};

/* --- the database --- */

static void note_db(struct watch *w, struct err *taken)
{
	if (taken && !w->failing)
		log_broken(w->log, "alarms are not kept: %s", err_text(taken));
	w->failing = taken != NULL;
	err_free(taken);
}

static void store(struct watch *w, const struct alarm *a)
{
	struct alarm_record r = {
		.key = a->key,
		.text = a->text,
		.on = a->on,
		.seen = a->seen,
		.count = a->count,
		.first_ms = a->first_ms,
		.last_ms = a->last_ms,
		.raised_ms = a->raised_ms,
		.over_ms = a->over_ms,
		.seen_ms = a->seen_ms,
		.mark = a->mark,
	};

	if (w->db)
		note_db(w, alarms_put(w->db, &r));
}

static void on_stored(void *ctx, const struct alarm_record *r)
{
	struct watch *w = ctx;
	struct alarm a = {
		.id = alarm_find(r->key, strcspn(r->key, ":")),
		.on = r->on,
		.seen = r->seen,
		.count = r->count,
		.first_ms = r->first_ms,
		.last_ms = r->last_ms,
		.raised_ms = r->raised_ms,
		.over_ms = r->over_ms,
		.seen_ms = r->seen_ms,
		.mark = r->mark,
	};

	snprintf(a.key, sizeof(a.key), "%s", r->key);
	snprintf(a.text, sizeof(a.text), "%s", r->text);
	alarm_book_restore(w->book, &a, clock_mono_ms());
}

static void open_db(struct watch *w)
{
	char *path = datadir_file(w->n->datadir, DATADIR_DB);
	struct err *e = db_open(path, DB_NORMAL, &w->db);

	if (!e)
		e = alarms_each(w->db, on_stored, w);
	note_db(w, e);
	free(path);
}

/* --- news --- */

static void tell_outside(struct watch *w, const struct alarm *a, enum alarm_news news)
{
	struct alarm_notice n = {.event = NULL};

	if (!w->hook && !w->post)
		return;
	alarm_notice(&n, a, news, w->where, config_text(w->n->config, OPT_NETWORK),
		clock_wall_ms());
	if (w->hook)
		alarm_hook_run(w->hook, &n);
	if (w->post)
		alarm_post_send(w->post, &n);
	view_clear(alarm_notice_desc(), &n);
}

static void on_news(void *ctx, const struct alarm *a, enum alarm_news news)
{
	struct watch *w = ctx;

	switch (news) {
	case ALARM_RAISED:
		log_unusual(w->log, "alarm: %s", a->text);
		tell_outside(w, a, news);
		break;
	case ALARM_OVER:
		log_info(w->log, "alarm over: %s", a->text);
		tell_outside(w, a, news);
		break;
	case ALARM_SEEN:
		log_info(w->log, "alarm acknowledged: %s", a->text);
		break;
	case ALARM_FORGOTTEN:
		if (w->db)
			note_db(w, alarms_delete(w->db, a->key));
		return;
	}
	store(w, a);
}

/* --- the round --- */

static void read_facts(struct watch *w, int64_t now_ms)
{
	unsigned sections = ~(1u << SECTION_NODE | 1u << SECTION_STREAMS |
		1u << SECTION_ORCHESTRATORS | 1u << SECTION_SESSIONS);

	if (now_ms - w->sessions_ms >= SESSIONS_MS) {
		w->sessions_ms = now_ms;
		sections |= 1u << SECTION_SESSIONS | 1u << SECTION_STREAMS;
	}
	node_facts_read(&w->facts, w->n->board, w->n->config, sections);
}

void watch_round(struct watch *w, struct alarm_facts *f)
{
	f->now_ms = clock_mono_ms();
	f->wall_ms = clock_wall_ms();
	read_facts(w, f->now_ms);
	f->chain_view = &w->facts.chain;
	f->staking = &w->facts.staking;
	f->pricing = &w->facts.pricing;
	f->funds = &w->facts.funds;
	f->tickets = &w->facts.tickets;
	f->txs = &w->facts.txs;
	f->devices = &w->facts.devices;
	f->settings = &w->facts.settings;
	f->sessions_view = &w->facts.sessions;
	f->streams = &w->facts.streams;
	f->transcoders_view = &w->facts.transcoders;
	f->onchain = w->n->chain != NULL;
	if (f->onchain) {
		f->chain = chain_now(w->n->chain);
		f->redeem_gas = onchain_redeem_gas(w->n->config);
	}
	alarm_book_begin(w->book, f->now_ms, f->wall_ms);
	alarm_rules(f, &w->memory, w->book);
	alarm_book_settle(w->book);
}

static void fill_row(struct alarm_row *r, const struct alarm *a)
{
	const struct alarm_def *d = alarm_def(a->id);

	view_set(&r->id, a->key);
	view_set(&r->level, alarm_level_name(d->level));
	view_set(&r->title, d->title);
	view_set(&r->text, a->text);
	view_set(&r->remedy, d->remedy);
	view_set(&r->state, a->on ? "on" : "over");
	r->seen = a->seen;
	r->since_ms = a->raised_ms;
	r->first_ms = a->first_ms;
	r->over_ms = a->over_ms;
	r->seen_ms = a->seen_ms;
	r->count = a->count;
}

void watch_rows(const struct watch *w, struct view_node *view)
{
	const struct alarm *list[ROWS_MAX];
	size_t n = alarm_book_list(w->book, list, ROWS_MAX);

	for (size_t i = 0; i < n; i++) {
		if (alarm_is_past(list[i]))
			fill_row(VIEW_ADD(&view->past_alarms), list[i]);
		else
			fill_row(VIEW_ADD(&view->alarms), list[i]);
		if (!list[i]->seen && list[i]->raised_ms > view->rang_ms)
			view->rang_ms = list[i]->raised_ms;
	}
}

size_t watch_ack(struct watch *w, const char *id)
{
	return alarm_book_ack(w->book, id && *id ? id : NULL, clock_wall_ms());
}

/* --- start and stop --- */

static void start_post(struct watch *w, struct actor *on)
{
	char *url = NULL;
	struct err *e = node_file_or_text(config_text(w->n->config, OPT_ALARM_WEBHOOK), &url);

	if (!e && *url && !str_has_prefix(url, "http://") && !str_has_prefix(url, "https://"))
		e = err_new(ERR_INVALID, "it is no URL of http:// or https://, and no file "
			"that holds one");
	if (e)
		log_broken(w->log, "-alarmWebhook is not used: %s", err_text(e));
	else if (*url)
		w->post = alarm_post_new(on, w->log, w->n->net, url);
	err_free(e);
	free(url);
}

struct watch *watch_new(struct node *n, struct actor *on)
{
	struct watch *w = XNEW(struct watch);
	const char *hook = config_text(n->config, OPT_ALARM_HOOK);
	char host[128] = "localhost";

	w->n = n;
	w->log = log_child(n->log, "alarms");
	w->book = alarm_book_new(&(struct alarm_listener){on_news, w});
	gethostname(host, sizeof(host) - 1);
	snprintf(w->where, sizeof(w->where), "%s:%s", host, n->datadir);
	if (*hook)
		w->hook = alarm_hook_new(on, w->log, hook, 0);
	start_post(w, on);
	open_db(w);
	return w;
}

void watch_stop(struct watch *w)
{
	if (!w)
		return;
	alarm_hook_free(TAKE(w->hook));
	alarm_post_stop(w->post);
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	alarm_post_free(w->post);
	alarm_book_free(w->book);
	node_facts_clear(&w->facts);
	db_close(w->db);
	log_free(w->log);
	free(w);
}
