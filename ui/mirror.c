#include "ui/mirror.h"

#include "proto/trend_codec.h"
#include "proto/view_codec.h"

#include <stdlib.h>
#include <string.h>

#define SLICE_ROWS 25

void mirror_init(struct mirror *m)
{
	*m = (struct mirror){.next_id = 1};
}

static void *view_of(struct mirror *m, enum section s)
{
	switch (s) {
	case SECTION_NODE:
		return &m->node;
	case SECTION_STREAMS:
		return &m->streams;
	case SECTION_SESSIONS:
		return &m->sessions;
	case SECTION_TRANSCODERS:
		return &m->transcoders;
	case SECTION_ORCHESTRATORS:
		return &m->orchestrators;
	case SECTION_CHAIN:
		return &m->chain;
	case SECTION_STAKING:
		return &m->staking;
	case SECTION_PRICING:
		return &m->pricing;
	case SECTION_FUNDS:
		return &m->funds;
	case SECTION_TICKETS:
		return &m->tickets;
	case SECTION_TXS:
		return &m->txs;
	case SECTION_DOCTOR:
		return &m->doctor;
	case SECTION_SETTINGS:
		return &m->settings;
	case SECTION_DEVICES:
		return &m->devices;
	case SECTION_MIGRATION:
		return &m->migration;
	case SECTION_WIZARD:
		return &m->wizard;
	case SECTION_COUNT:
		break;
	}
	return NULL;
}

void mirror_clear(struct mirror *m)
{
	for (enum section s = 0; s < SECTION_COUNT; s++) {
		view_clear(section_desc(s), view_of(m, s));
		str_clear(&m->raw[s]);
	}
	view_reader_free(m->reader);
	mirror_forget_pending(m);
	mirror_drop_questions(m, m->questions_n);
	backlog_clear(&m->log);
	free(m->live);
	free(m->link_text);
	free(m->label);
	free(m->paper);
	free(m->paper_title);
	*m = (struct mirror){0};
}

void mirror_put_view(struct mirror *m, const struct ctl_view *v)
{
	struct str *raw = &m->raw[v->section];

	str_truncate(raw, 0);
	str_addn(raw, v->json, v->n);
	m->raw_version[v->section] = v->version;
}

static void join_live(struct mirror *m)
{
	size_t a = m->streams.rows.n, b = m->sessions.rows.n;

	m->live_n = a + b;
	m->live = xrealloc_array(m->live, m->live_n + 1, sizeof(*m->live));
	for (size_t i = 0; i < a; i++)
		m->live[i] = &m->streams.rows.v[i];
	for (size_t i = 0; i < b; i++)
		m->live[a + i] = &m->sessions.rows.v[i];
}

/* No clock or counter goes so far; then rooms may subtract, and scale by a
 * thousand, whatever the node said. */
#define NUMBER_MAX (INT64_C(1) << 53)

static void bound_numbers(const struct view_desc *d, void *view)
{
	for (size_t i = 0; i < d->fields_n; i++) {
		const struct view_field *f = &d->fields[i];
		void *at = (char *)view + f->offset;
		int64_t *n = at;
		double *x = at;
		struct view_list *l = at;

		if (f->type == VIEW_INT)
			*n = *n > NUMBER_MAX ? NUMBER_MAX
				: *n < -NUMBER_MAX ? -NUMBER_MAX : *n;
		else if (f->type == VIEW_DOUBLE)
			*x = *x > (double)NUMBER_MAX ? (double)NUMBER_MAX
				: *x < -(double)NUMBER_MAX
				? -(double)NUMBER_MAX : *x;
		else if (f->type == VIEW_LIST)
			for (size_t k = 0; k < l->n; k++)
				bound_numbers(f->item(),
					(char *)l->v + k * f->item()->size);
	}
}

/* The whole section is there: the old view makes way, or the error does. */
static struct err *exchange(struct mirror *m)
{
	enum section s = m->reading;
	const struct view_desc *d = section_desc(s);
	void *fresh = xcalloc(1, d->size), *view = view_of(m, s);
	struct err *e = view_reader_finish(m->reader, fresh);

	if (!e) {
		bound_numbers(d, fresh);
		view_clear(d, view);
		memcpy(view, fresh, d->size);
		m->version[s] = m->reading_version;
		m->published[s] = m->version[s] > 0;
		if (s == SECTION_STREAMS || s == SECTION_SESSIONS)
			join_live(m);
	}
	free(fresh);
	view_reader_free(TAKE(m->reader));
	return e;
}

/* Begins with the next section that waits; false when none does. */
static bool begin_reading(struct mirror *m)
{
	for (enum section s = 0; !m->reader && s < SECTION_COUNT; s++) {
		if (!m->raw[s].len)
			continue;
		m->reading = s;
		m->reading_version = m->raw_version[s];
		m->reader = view_reader_new(section_desc(s), &m->raw[s]);
	}
	return m->reader;
}

struct err *mirror_settle(struct mirror *m, bool *more)
{
	struct err *e = NULL;

	*more = begin_reading(m);
	if (!*more || view_reader_step(m->reader, SLICE_ROWS))
		return NULL;
	e = exchange(m);
	*more = begin_reading(m);
	return e;
}

static void add_record(void *ctx, const struct journal_record *r)
{
	backlog_add(ctx, r);
}

struct err *mirror_put_log(struct mirror *m, const struct ctl_frame *f)
{
	uint64_t after;

	return ctl_log_decode(f, &after, add_record, &m->log);
}

struct err *mirror_put_trend(struct mirror *m, const struct ctl_frame *f)
{
	return trend_read(&m->trend, f->payload, f->n);
}

uint64_t mirror_ask(struct mirror *m, const char *line)
{
	struct pending *p;

	m->pending = xrealloc_array(m->pending, m->pending_n + 1, sizeof(*p));
	p = &m->pending[m->pending_n++];
	p->id = m->next_id++;
	p->line = xstrdup(line);
	return p->id;
}

void question_clear(struct question *q)
{
	command_clear(&q->command);
	free(q->line);
	free(q->summary);
	free(q->word);
	*q = (struct question){0};
}

static void add_question(struct mirror *m, const char *line, const struct ctl_answer *a)
{
	const char *token = view_text(a->token);
	struct question q = {.line = NULL};

	err_free(command_parse_line(line, &q.command));
	/* It was sent from this line; a token has its size by protocol. */
	if (!q.command.def || strlen(token) >= sizeof(q.command.token)) {
		question_clear(&q);
		return;
	}
	memcpy(q.command.token, token, strlen(token) + 1);
	q.line = xstrdup(line);
	q.summary = xstrdup(view_text(a->text));
	q.word = xstrdup(view_text(a->word));
	m->questions = xrealloc_array(m->questions, m->questions_n + 1, sizeof(q));
	m->questions[m->questions_n++] = q;
}

static bool is_paper(const char *line, const struct ctl_answer *a)
{
	const char *text = view_text(a->text), *end = strchr(text, '\n');
	struct command c;
	struct err *e = command_parse_line(line, &c);
	bool query = !e && c.def->tier == TIER_QUERY;

	err_free(e);
	command_clear(&c);
	return query && a->outcome == CTL_DONE && end && end[1];
}

void mirror_answer(struct mirror *m, const struct ctl_answer *a,
	struct str *message)
{
	for (size_t i = 0; i < m->pending_n; i++) {
		struct pending *p = &m->pending[i];

		if (p->id != a->id)
			continue;
		if (a->outcome == CTL_ASKS) {
			add_question(m, p->line, a);
		} else if (is_paper(p->line, a)) {
			view_set(&m->paper, view_text(a->text));
			view_set(&m->paper_title, p->line);
			str_printf(message, "%s: done", p->line);
		} else {
			str_printf(message, "%s: %s%s%s", p->line,
				ctl_outcome_name(a->outcome),
				*view_text(a->text) ? ", " : "",
				view_text(a->text));
		}
		free(p->line);
		*p = m->pending[--m->pending_n];
		return;
	}
}

void mirror_drop_questions(struct mirror *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		question_clear(&m->questions[i]);
	m->questions_n -= n;
	if (m->questions_n) {
		memmove(m->questions, m->questions + n,
			m->questions_n * sizeof(*m->questions));
		return;
	}
	free(m->questions);
	m->questions = NULL;
}

void mirror_forget_pending(struct mirror *m)
{
	for (size_t i = 0; i < m->pending_n; i++)
		free(m->pending[i].line);
	free(m->pending);
	m->pending = NULL;
	m->pending_n = 0;
	mirror_drop_questions(m, m->questions_n);
}

bool mirror_rings(struct mirror *m)
{
	int64_t newest_ms = m->node.rang_ms > 0 ? m->node.rang_ms : 1;
	bool rings = m->rang_ms && newest_ms > m->rang_ms;

	if (m->published[SECTION_NODE] && newest_ms > m->rang_ms)
		m->rang_ms = newest_ms;
	return rings;
}

int64_t mirror_age(const struct mirror *m, int64_t then_ms)
{
	if (!then_ms || !m->node.now_ms)
		return -1;
	return then_ms < m->node.now_ms ? m->node.now_ms - then_ms : 0;
}
