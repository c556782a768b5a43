/* The work: threads, transcoders, sessions, and who can be reached. */
#include <stdio.h>
#include <string.h>

#include "src/alarm/rules.h"

#define THREAD_LATE_MS 5000
#define EMPTIER 10	  /* % of the sessions, for it to be over */
#define SLOW_LEAST 20	  /* segments of a device, for a percentile to mean anything */
#define SLOW_PERCENT 5	  /* of segments: a 95th percentile below real time */
#define DEVICES_MAX 32
#define LOST_SEGMENTS 3	  /* in a row: no accident, and viewers see it */

static void check_threads(const struct alarm_facts *f, struct alarm_book *b)
{
	for (size_t i = 0; i < f->threads_n; i++)
		if (f->threads[i].late_ms > THREAD_LATE_MS)
			alarm_see(b, ALARM_THREAD, f->threads[i].name,
				"thread %s has not turned for %lld s", f->threads[i].name,
				(long long)f->threads[i].late_ms / 1000);
}

/* --- how fast each device is --- */

struct device {
	const char *name;
	int segments, slow;
};

static struct device *device_of(struct device *d, size_t *n, const char *name)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(d[i].name, name) == 0)
			return &d[i];
	if (*n == DEVICES_MAX)
		return NULL;
	d[*n] = (struct device){.name = name};
	return &d[(*n)++];
}

static void count_segments(const struct session_row *s, int64_t percent, struct device *d,
	size_t *n)
{
	for (size_t i = 0; i < s->recent.n; i++) {
		const struct attempt *a = &s->recent.v[i];
		struct device *on;

		if (strcmp(view_text(a->outcome), "ok") != 0 || !*view_text(a->detail) ||
			a->duration_ms <= 0)
			continue;
		on = device_of(d, n, a->detail);
		if (!on)
			continue;
		on->segments++;
		on->slow += a->latency_ms * 100 > a->duration_ms * percent;
	}
}

static void check_speed(const struct alarm_facts *f, struct alarm_book *b)
{
	struct device d[DEVICES_MAX];
	size_t n = 0;

	for (size_t i = 0; f->limits.slow && i < f->sessions_view->rows.n; i++)
		count_segments(&f->sessions_view->rows.v[i], f->limits.slow, d, &n);
	for (size_t i = 0; i < n; i++)
		if (d[i].segments >= SLOW_LEAST &&
			d[i].slow * 100 > d[i].segments * SLOW_PERCENT)
			alarm_see(b, ALARM_SLOW, d[i].name, "%s took longer than %lld %% of the "
				"video's time for %d of its last %d segments", d[i].name,
				(long long)f->limits.slow, d[i].slow, d[i].segments);
}

/* --- streams that nobody transcodes --- */

static bool is_lost(const struct session_row *s)
{
	if (s->recent.n < LOST_SEGMENTS)
		return false;
	for (size_t i = s->recent.n - LOST_SEGMENTS; i < s->recent.n; i++)
		if (!field_is(s->recent.v[i].outcome, "failed"))
			return false;
	return true;
}

static void check_streams(const struct alarm_facts *f, struct alarm_book *b)
{
	const struct session_row *lost = NULL;
	size_t n = 0;

	for (size_t i = 0; i < f->streams->rows.n; i++) {
		if (!is_lost(&f->streams->rows.v[i]))
			continue;
		lost = &f->streams->rows.v[i];
		n++;
	}
	if (n)
		alarm_see(b, ALARM_STREAM_LOST, NULL, "%s%s: the last %d segments were not "
			"transcoded: %s", view_text(lost->manifest), n > 1 ? " and others" : "",
			LOST_SEGMENTS, view_text(lost->last_error));
}

/* --- remote transcoders that were there --- */

static struct host_count *host_of(struct alarm_memory *m, const char *address)
{
	char host[sizeof(m->host[0].host)];
	const char *colon = strrchr(address, ':');
	int len = (int)(colon ? (size_t)(colon - address) : strlen(address));

	snprintf(host, sizeof(host), "%.*s", len, address);
	for (size_t i = 0; i < m->hosts_n; i++)
		if (strcmp(m->host[i].host, host) == 0)
			return &m->host[i];
	if (m->hosts_n == HOSTS_MAX)
		return NULL;
	m->host[m->hosts_n] = (struct host_count){.now = 0};
	snprintf(m->host[m->hosts_n].host, sizeof(host), "%s", host);
	return &m->host[m->hosts_n++];
}

/* One that was drained may leave: that is what it was drained for. */
static void count_hosts(const struct alarm_facts *f, struct alarm_memory *m)
{
	for (size_t i = 0; i < m->hosts_n; i++)
		m->host[i].now = 0;
	for (size_t i = 0; i < f->transcoders_view->rows.n; i++) {
		const struct transcoder_row *t = &f->transcoders_view->rows.v[i];
		struct host_count *h = NULL;

		if (strcmp(view_text(t->kind), "remote") == 0)
			h = host_of(m, view_text(t->address));
		if (!h)
			continue;
		if (!t->draining)
			h->now++;
		else if (h->most > h->now)
			h->most--;
	}
}

static void check_hosts(const struct alarm_facts *f, struct alarm_memory *m,
	struct alarm_book *b)
{
	count_hosts(f, m);
	for (size_t i = 0; i < m->hosts_n; i++) {
		struct host_count *h = &m->host[i];

		if (alarm_is_seen(b, ALARM_TRANSCODER_GONE, h->host))
			h->most = h->now;
		if (h->now >= h->most) {
			h->most = h->now;
			h->fewer_ms = 0;
			continue;
		}
		if (!h->fewer_ms)
			h->fewer_ms = f->now_ms;
		if (!f->limits.gone_ms || f->now_ms - h->fewer_ms < f->limits.gone_ms)
			continue;
		if (h->most == 1)
			alarm_see(b, ALARM_TRANSCODER_GONE, h->host, "the transcoder at %s is "
				"gone for %lld s", h->host,
				(long long)(f->now_ms - h->fewer_ms) / 1000);
		else
			alarm_see(b, ALARM_TRANSCODER_GONE, h->host, "%d of %d transcoders at %s "
				"are gone for %lld s", h->most - h->now, h->most, h->host,
				(long long)(f->now_ms - h->fewer_ms) / 1000);
	}
}

/* --- room --- */

static void check_room(const struct alarm_facts *f, struct alarm_book *b)
{
	int64_t percent = f->limits.sessions - (alarm_is_on(b, ALARM_FULL, NULL) ? EMPTIER : 0);

	if (f->limits.sessions && f->max_sessions > 0 &&
		f->sessions * 100 >= f->max_sessions * percent)
		alarm_see(b, ALARM_FULL, NULL, "%lld of %lld sessions are taken: others will %s",
			(long long)f->sessions, (long long)f->max_sessions, f->orchestrates
			? "read OrchestratorCapped" : "be refused");
}

static void check_orchestrator(const struct alarm_facts *f, struct alarm_memory *m,
	struct alarm_book *b)
{
	if (!f->transcoders)
		alarm_see(b, ALARM_NO_TRANSCODER, NULL, "no transcoder: run one with -orchAddr %s "
			"and this node's -orchSecret", f->service_uri);
	if (f->unsaved)
		alarm_see(b, ALARM_UNSAVED, NULL, "%lld winning tickets wait for the database: no "
			"new work is taken until it has them (disk full?)", (long long)f->unsaved);
	if (f->unreachable)
		alarm_see(b, ALARM_UNREACHABLE, NULL, "not reachable at -serviceAddr %s: %s",
			f->service_uri, f->unreachable);
	check_hosts(f, m, b);
}

/* What was set while the node ran is kept by the node alone: whoever sets another
 * one up by the file gets another. Flags and the environment are not meant to be
 * in it. */
static void check_drift(const struct alarm_facts *f, struct alarm_book *b)
{
	const char *file = view_text(f->settings->file), *first = "";
	size_t n = 0;

	for (size_t i = 0; *file && i < f->settings->rows.n; i++) {
		const struct setting_row *r = &f->settings->rows.v[i];

		if (!r->drift || r->pinned)
			continue;
		first = n++ ? first : view_text(r->name);
	}
	if (*file && f->settings->file_moved)
		alarm_see(b, ALARM_DRIFT, NULL, "%s was changed since this node read it", file);
	else if (n)
		alarm_see(b, ALARM_DRIFT, NULL, "%zu %s set and not in %s: %s%s", n,
			n == 1 ? "setting is" : "settings are", file, first,
			n > 1 ? " and others" : "");
}

void rules_work(const struct alarm_facts *f, struct alarm_memory *m, struct alarm_book *b)
{
	check_threads(f, b);
	check_drift(f, b);
	check_speed(f, b);
	check_room(f, b);
	if (f->orchestrates)
		check_orchestrator(f, m, b);
	if (f->broadcasts && !f->orchestrators)
		alarm_see(b, ALARM_NO_ORCHESTRATOR, NULL, "no orchestrator known: give -orchAddr "
			"or -orchWebhookUrl");
	if (f->broadcasts)
		check_streams(f, b);
	if (f->is_remote && !f->registered)
		alarm_see(b, ALARM_NOT_REGISTERED, NULL, "not registered with orchestrator %s",
			f->orchestrator_uri);
	if (f->drained)
		alarm_see(b, ALARM_DRAINED, NULL, "draining: no new sessions are taken, and none "
			"is left");
}
