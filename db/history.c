#include "db/history.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "db/kv.h"
#include "db/segments.h"
#include "db/sessions.h"
#include "db/stmt.h"
#include "src/base/actor.h"
#include "src/base/str.h"

#define WAITING_MAX 8192     /* records on their way to the disk */
#define BATCH_MS 1000	     /* they are written this often, ... */
#define BATCH_MAX 1000	     /* or when so many wait; */
#define PRUNE_EVERY 3600     /* old rows go with each such batch */
#define SESSIONS_KEPT 20000
#define SEGMENTS_KEPT 200000 /* some 30 MB */
#define TEXT_MAX 512	     /* bytes of a peer's text that are kept */

enum record_kind { SESSION_STARTED, SESSION_ENDED, SEGMENT, VALUE };

struct record {
	enum record_kind kind;
	struct history *h;
	struct record *next;
	char role[2];
	char *session, *manifest, *error;
	char *key, *value; /* VALUE */
	int64_t seq, at_ms, duration_ms, latency_ms, bytes, ok, failed;
};

struct history {
	struct actor *actor;
	struct log *log;
	struct db *db;		/* from here on: on the actor */
	struct stmt *segments;
	struct timer *timer;
	struct record *first, **last;
	size_t waiting;
	unsigned batches;
	bool failing;		/* said so already */
	atomic_ullong lost;	/* refused because the disk is slower */
};

static char *bounded(const char *text)
{
	struct str safe = STR_INIT;

	str_add_safe(&safe, text, strlen(text), TEXT_MAX);
	return str_take(&safe);
}

static void record_free(struct record *r)
{
	free(r->session);
	free(r->manifest);
	free(r->error);
	free(r->key);
	free(r->value);
	free(r);
}

static struct err *record_write(struct history *h, const struct record *r)
{
	struct segment_record s = {
		.role = r->role,
		.session = r->session,
		.seq = r->seq,
		.at_ms = r->at_ms,
		.duration_ms = r->duration_ms,
		.latency_ms = r->latency_ms,
		.bytes = r->bytes,
		.error = r->error,
	};

	switch (r->kind) {
	case SESSION_STARTED:
		return sessions_start(h->db, r->role, r->session, r->manifest, r->at_ms);
	case SESSION_ENDED:
		return sessions_end(h->db, r->role, r->session, r->at_ms, r->ok,
			r->failed, r->error);
	case SEGMENT:
		return segments_add(h->segments, &s);
	case VALUE:
		return kv_put(h->db, r->key, r->value);
	}
	return NULL;
}

static struct err *batch_write(struct history *h)
{
	struct err *e = h->segments ? NULL : segments_writer(h->db, &h->segments);

	if (!e)
		e = db_begin(h->db);
	for (struct record *r = h->first; r && !e; r = r->next)
		e = record_write(h, r);
	if (!e && h->batches++ % PRUNE_EVERY == 0) {
		e = segments_prune(h->db, SEGMENTS_KEPT);
		if (!e)
			e = sessions_prune(h->db, SESSIONS_KEPT);
	}
	return db_end(h->db, e);
}

static void on_batch(void *ctx)
{
	struct history *h = ctx;
	unsigned long long lost = atomic_exchange(&h->lost, 0);
	struct err *e;

	ASSERT_ON(h->actor);
	if (lost)
		log_unusual(h->log, "%llu records lost: the disk is too slow", lost);
	if (!h->first)
		return;
	e = batch_write(h);
	/* Once a trouble, not once a second: a full disk fills no log. */
	if (e && !h->failing)
		log_broken(h->log, "history is not written: %s", err_text(e));
	else if (!e && h->failing)
		log_info(h->log, "history is written again");
	h->failing = e != NULL;
	err_free(e);
	while (h->first) {
		struct record *r = h->first;

		h->first = r->next;
		record_free(r);
	}
	h->last = &h->first;
	h->waiting = 0;
}

static void on_record(void *ctx)
{
	struct record *r = ctx;
	struct history *h = r->h;

	ASSERT_ON(h->actor);
	*h->last = r;
	h->last = &r->next;
	if (++h->waiting >= BATCH_MAX)
		on_batch(h);
	else if (!timer_is_set(h->timer))
		timer_set(h->timer, BATCH_MS, 0);
}

static void on_start(void *ctx)
{
	struct history *h = ctx;
	struct err *e = sessions_end_all(h->db, "the node was killed");

	if (e)
		log_broken(h->log, "history: %s", err_text(e));
	err_free(e);
	h->timer = timer_new(h->actor, on_batch, h);
}

static void on_stop(void *ctx)
{
	struct history *h = ctx;

	on_batch(h);
	timer_free(h->timer);
	stmt_free(h->segments);
	db_close(h->db);
}

struct history *history_new(const struct log *log, struct db *taken)
{
	struct history *h = XNEW(struct history);

	h->log = log_child(log, "history");
	h->db = taken;
	h->last = &h->first;
	h->actor = actor_new("history", WAITING_MAX);
	actor_post(h->actor, on_start, h);
	return h;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	actor_call(h->actor, on_stop, h);
	actor_free(h->actor);
	log_free(h->log);
	free(h);
}

static void offer(struct history *h, struct record *taken)
{
	taken->h = h;
	if (actor_offer(h->actor, on_record, taken))
		return;
	record_free(taken);
	atomic_fetch_add(&h->lost, 1);
}

static void post(struct history *h, struct record record, const char *role,
	const char *session, const char *manifest, const char *error)
{
	struct record *r = xmemdup(&record, sizeof(record));

	r->role[0] = role[0];
	r->session = bounded(session ? session : "");
	r->manifest = manifest ? bounded(manifest) : NULL;
	r->error = error ? bounded(error) : NULL;
	offer(h, r);
}

void history_session_started(struct history *h, const char *role, const char *id,
	const char *manifest, int64_t at_ms)
{
	if (h)
		post(h, (struct record){.kind = SESSION_STARTED, .at_ms = at_ms}, role, id,
			manifest, NULL);
}

void history_session_ended(struct history *h, const char *role, const char *id,
	int64_t at_ms, int64_t segments_ok, int64_t segments_failed, const char *last_error)
{
	if (h)
		post(h, (struct record){.kind = SESSION_ENDED, .at_ms = at_ms,
			.ok = segments_ok, .failed = segments_failed}, role, id, NULL,
			last_error);
}

void history_segment(struct history *h, const char *role, const char *id, int64_t seq,
	int64_t at_ms, int64_t duration_ms, int64_t latency_ms, int64_t bytes,
	const char *error)
{
	if (h)
		post(h, (struct record){.kind = SEGMENT, .seq = seq, .at_ms = at_ms,
			.duration_ms = duration_ms, .latency_ms = latency_ms,
			.bytes = bytes}, role, id, NULL, error);
}

void history_keep(struct history *h, const char *key, char *taken_value)
{
	struct record *r;

	if (!h) {
		free(taken_value);
		return;
	}
	r = XNEW(struct record);
	r->kind = VALUE;
	r->key = xstrdup(key);
	r->value = taken_value;
	offer(h, r);
}
