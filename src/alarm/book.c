#include "src/alarm/book.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/str.h"

#define ALARMS_MAX 128
#define PAST_MAX 32	   /* history that is kept */
#define RESTORED_MS 120000 /* after a restart, for the facts to come */

struct entry {
	struct alarm a;
	bool holds;	    /* in this round */
	int64_t holds_ms;   /* monotonic: since when; 0 it does not */
	int64_t absent_ms;  /* monotonic: since when it does not, while it is on */
	int64_t clear_ms;
};

struct alarm_book {
	struct alarm_listener l;
	int64_t mono_ms, wall_ms; /* of the round */
	size_t n;
	struct entry e[ALARMS_MAX];
};

/* --- the table --- */

const struct alarm_def *alarm_def(enum alarm_id id)
{
	static const struct alarm_def defs[ALARM_COUNT] = {
#define ALARM(id, name, level, hold_s, clear_s, title, remedy) \
	[ALARM_##id] = {name, ALARM_##level, (hold_s) * 1000LL, (clear_s) * 1000LL, \
		title, remedy},
#include "src/alarm/alarms.def"
#undef ALARM
	};

	return &defs[id];
}

enum alarm_id alarm_find(const char *name, size_t n)
{
	enum alarm_id id = 0;

	while (id < ALARM_COUNT && (strlen(alarm_def(id)->name) != n ||
		memcmp(alarm_def(id)->name, name, n) != 0))
		id++;
	return id;
}

const char *alarm_level_name(enum alarm_level l)
{
	return l == ALARM_BROKEN ? "broken" : "unusual";
}

/* --- entries --- */

struct alarm_book *alarm_book_new(const struct alarm_listener *l)
{
	struct alarm_book *b = XNEW(struct alarm_book);

	b->l = *l;
	return b;
}

void alarm_book_free(struct alarm_book *b)
{
	free(b);
}

static void tell(struct alarm_book *b, const struct alarm *a, enum alarm_news news)
{
	if (b->l.fn)
		b->l.fn(b->l.ctx, a, news);
}

static void make_key(char out[static ALARM_KEY_SIZE], enum alarm_id id, const char *subject)
{
	snprintf(out, ALARM_KEY_SIZE, "%s%s%s", alarm_def(id)->name, subject ? ":" : "",
		subject ? subject : "");
}

static const struct entry *find_key(const struct alarm_book *b, const char *key)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->e[i].a.key, key) == 0)
			return &b->e[i];
	return NULL;
}

static const struct entry *find(const struct alarm_book *b, enum alarm_id id,
	const char *subject)
{
	char key[ALARM_KEY_SIZE];

	make_key(key, id, subject);
	return find_key(b, key);
}

bool alarm_is_past(const struct alarm *a)
{
	return !a->on && a->seen;
}

/* Never raised: it only waits for its time. */
static bool is_raised(const struct alarm *a)
{
	return a->count > 0;
}

static void drop(struct alarm_book *b, size_t i)
{
	b->e[i] = b->e[--b->n];
}

/* The oldest history goes first; b->n: none may go. */
static size_t oldest_past(const struct alarm_book *b, size_t *pasts)
{
	size_t found = b->n;

	*pasts = 0;
	for (size_t i = 0; i < b->n; i++) {
		/* Without its mark, a count would be an alarm again. */
		if (!is_raised(&b->e[i].a) || !alarm_is_past(&b->e[i].a) || b->e[i].a.mark)
			continue;
		++*pasts;
		if (found == b->n || b->e[i].a.last_ms < b->e[found].a.last_ms)
			found = i;
	}
	return found;
}

static void forget_old(struct alarm_book *b, size_t keep)
{
	size_t pasts, i = oldest_past(b, &pasts);

	while (pasts > keep) {
		tell(b, &b->e[i].a, ALARM_FORGOTTEN);
		drop(b, i);
		i = oldest_past(b, &pasts);
	}
}

static struct entry *entry(struct alarm_book *b, enum alarm_id id, const char *subject)
{
	const struct entry *found = find(b, id, subject);
	struct entry *e;

	if (found)
		return &b->e[found - b->e];
	if (b->n == ALARMS_MAX)
		forget_old(b, 0);
	if (b->n == ALARMS_MAX)
		return NULL; /* a hundred alarms at once say enough */
	e = &b->e[b->n++];
	*e = (struct entry){.a = {.id = id}, .clear_ms = alarm_def(id)->clear_ms};
	make_key(e->a.key, id, subject);
	return e;
}

void alarm_book_restore(struct alarm_book *b, const struct alarm *a, int64_t now_ms)
{
	struct entry *e;

	if (b->n == ALARMS_MAX || a->id >= ALARM_COUNT || !is_raised(a) ||
		find_key(b, a->key))
		return;
	e = &b->e[b->n++];
	*e = (struct entry){.a = *a, .absent_ms = now_ms};
	e->clear_ms = alarm_def(a->id)->clear_ms;
	if (e->clear_ms < RESTORED_MS)
		e->clear_ms = RESTORED_MS;
}

/* --- a round --- */

void alarm_book_begin(struct alarm_book *b, int64_t mono_ms, int64_t wall_ms)
{
	b->mono_ms = mono_ms;
	b->wall_ms = wall_ms;
	for (size_t i = 0; i < b->n; i++)
		b->e[i].holds = false;
}

static void set_text(struct alarm *a, const char *fmt, va_list ap)
{
	struct str s = STR_INIT;

	str_vprintf(&s, fmt, ap);
	snprintf(a->text, sizeof(a->text), "%s", str_cstr(&s));
	str_clear(&s);
}

void alarm_see(struct alarm_book *b, enum alarm_id id, const char *subject,
	const char *fmt, ...)
{
	struct entry *e = entry(b, id, subject);
	va_list ap;

	if (!e)
		return;
	e->holds = true;
	va_start(ap, fmt);
	set_text(&e->a, fmt, ap);
	va_end(ap);
}

void alarm_count(struct alarm_book *b, enum alarm_id id, int64_t n, const char *fmt, ...)
{
	struct entry *e = n > 0 ? entry(b, id, NULL) : NULL;
	va_list ap;

	if (!e)
		return;
	/* Another account's, or what was counted is undone. */
	if (e->a.mark > n)
		e->a.mark = n;
	e->a.value = n;
	e->holds = n > e->a.mark;
	if (!e->holds)
		return;
	va_start(ap, fmt);
	set_text(&e->a, fmt, ap);
	va_end(ap);
}

static void raise_alarm(struct alarm_book *b, struct entry *e)
{
	struct alarm *a = &e->a;

	a->on = true;
	a->seen = false;
	a->count++;
	a->raised_ms = a->last_ms = b->wall_ms;
	if (!a->first_ms)
		a->first_ms = b->wall_ms;
	a->over_ms = a->seen_ms = 0;
	tell(b, a, ALARM_RAISED);
}

static void settle_holding(struct alarm_book *b, struct entry *e)
{
	if (!e->holds_ms)
		e->holds_ms = b->mono_ms;
	e->absent_ms = 0;
	e->clear_ms = alarm_def(e->a.id)->clear_ms;
	if (e->a.on)
		e->a.last_ms = b->wall_ms;
	else if (b->mono_ms - e->holds_ms >= alarm_def(e->a.id)->hold_ms)
		raise_alarm(b, e);
}

static void settle_absent(struct alarm_book *b, struct entry *e)
{
	e->holds_ms = 0;
	if (!e->a.on)
		return;
	if (!e->absent_ms)
		e->absent_ms = b->mono_ms;
	if (b->mono_ms - e->absent_ms < e->clear_ms)
		return;
	e->a.on = false;
	e->a.over_ms = b->wall_ms;
	tell(b, &e->a, ALARM_OVER);
}

void alarm_book_settle(struct alarm_book *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct entry *e = &b->e[i];

		if (e->holds)
			settle_holding(b, e);
		else
			settle_absent(b, e);
	}
	for (size_t i = b->n; i-- > 0;)
		if (!is_raised(&b->e[i].a) && !b->e[i].holds)
			drop(b, i);
	forget_old(b, PAST_MAX);
}

/* --- the operator --- */

static void ack(struct alarm_book *b, struct entry *e, int64_t wall_ms)
{
	struct alarm *a = &e->a;

	a->seen = true;
	a->seen_ms = wall_ms;
	if (a->value) {
		a->mark = a->value;
		a->on = false;
		a->over_ms = wall_ms;
		e->holds_ms = 0;
	}
	tell(b, a, ALARM_SEEN);
}

size_t alarm_book_ack(struct alarm_book *b, const char *key, int64_t wall_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct entry *e = &b->e[i];

		if (!is_raised(&e->a) || e->a.seen || (key && strcmp(e->a.key, key) != 0))
			continue;
		ack(b, e, wall_ms);
		n++;
	}
	return n;
}

/* --- questions --- */

bool alarm_is_on(const struct alarm_book *b, enum alarm_id id, const char *subject)
{
	const struct entry *e = find(b, id, subject);

	return e && e->a.on;
}

bool alarm_is_seen(const struct alarm_book *b, enum alarm_id id, const char *subject)
{
	const struct entry *e = find(b, id, subject);

	return e && e->a.on && e->a.seen;
}

static int newest_first(const void *a, const void *b)
{
	const struct alarm *x = *(const struct alarm *const *)a;
	const struct alarm *y = *(const struct alarm *const *)b;

	if (alarm_is_past(x) != alarm_is_past(y))
		return alarm_is_past(x) ? 1 : -1;
	if (x->raised_ms != y->raised_ms)
		return x->raised_ms < y->raised_ms ? 1 : -1;
	return strcmp(x->key, y->key);
}

size_t alarm_book_list(const struct alarm_book *b, const struct alarm **out, size_t max)
{
	const struct alarm *all[ALARMS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (is_raised(&b->e[i].a))
			all[n++] = &b->e[i].a;
	qsort(all, n, sizeof(all[0]), newest_first);
	n = n < max ? n : max;
	memcpy(out, all, n * sizeof(all[0]));
	return n;
}
