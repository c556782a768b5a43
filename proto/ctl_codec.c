#include "proto/ctl_codec.h"

#include "proto/json_scan.h"
#include "proto/view_codec.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* --- small payloads, through jansson --- */

static struct err *load(const struct ctl_frame *f, const char *what,
	json_t **out)
{
	json_error_t je;

	*out = json_loadb(f->payload, f->n, JSON_REJECT_DUPLICATES, &je);
	if (!*out)
		return err_new(ERR_PROTOCOL, "%s: %s", what, je.text);
	if (!json_is_object(*out)) {
		json_decref(*out);
		return err_new(ERR_PROTOCOL, "%s: no object", what);
	}
	return NULL;
}

static bool get_number(json_t *o, const char *key, int64_t *out)
{
	json_t *v = json_object_get(o, key);

	if (!json_is_integer(v))
		return false;
	*out = json_integer_value(v);
	return true;
}

static bool get_u64(json_t *o, const char *key, uint64_t *out)
{
	int64_t i;

	if (!get_number(o, key, &i) || i < 0)
		return false;
	*out = (uint64_t)i;
	return true;
}

static char *get_text(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return xstrdup(s ? s : "");
}

/* --- HELLO --- */

void ctl_write_hello(struct str *out, int64_t pid)
{
	size_t begun = ctl_frame_begin(out, CTL_HELLO);

	str_printf(out, "{\"protocol\":%d,\"version\":", CTL_PROTOCOL);
	json_add_text(out, WEIR_VERSION);
	str_printf(out, ",\"pid\":%" PRId64 "}", pid);
	ctl_frame_end(out, begun);
}

struct err *ctl_hello_decode(const struct ctl_frame *f, struct ctl_hello *out)
{
	json_t *o;
	struct err *e = load(f, "HELLO", &o);

	*out = (struct ctl_hello){0};
	if (e)
		return e;
	if (!get_number(o, "protocol", &out->protocol)) {
		json_decref(o);
		return err_new(ERR_PROTOCOL, "HELLO: no protocol number");
	}
	get_number(o, "pid", &out->pid);
	out->version = get_text(o, "version");
	json_decref(o);
	return NULL;
}

void ctl_hello_clear(struct ctl_hello *h)
{
	free(h->version);
	*h = (struct ctl_hello){0};
}

/* --- SUBSCRIBE --- */

void ctl_write_subscribe(struct str *out, const struct ctl_subscribe *s)
{
	size_t begun = ctl_frame_begin(out, CTL_SUBSCRIBE);

	str_printf(out, "{\"sections\":%u,\"log\":%s,\"log_after\":%" PRIu64
		",\"trend\":%s,\"trend_after\":%" PRId64 "}", s->sections,
		s->log ? "true" : "false", s->log_after, s->trend ? "true" : "false",
		s->trend_after);
	ctl_frame_end(out, begun);
}

struct err *ctl_subscribe_decode(const struct ctl_frame *f,
	struct ctl_subscribe *out)
{
	int64_t sections = 0;
	json_t *o;
	struct err *e = load(f, "SUBSCRIBE", &o);

	*out = (struct ctl_subscribe){0};
	if (e)
		return e;
	if (!get_number(o, "sections", &sections))
		e = err_new(ERR_PROTOCOL, "SUBSCRIBE: no sections");
	out->sections = (uint32_t)sections & CTL_ALL_SECTIONS;
	out->log = json_is_true(json_object_get(o, "log"));
	get_u64(o, "log_after", &out->log_after);
	out->trend = json_is_true(json_object_get(o, "trend"));
	if (!get_number(o, "trend_after", &out->trend_after))
		out->trend_after = -1;
	json_decref(o);
	return e;
}

/* --- VIEW --- */

static void put_u64(char *at, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		at[i] = (char)(v >> (56 - 8 * i));
}

static uint64_t take_u64(const char *at)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | (uint8_t)at[i];
	return v;
}

static void view_head(struct str *out, enum section s, uint64_t version)
{
	char head[9] = {(char)s};

	put_u64(head + 1, version);
	str_addn(out, head, sizeof(head));
}

void ctl_write_view(struct str *out, enum section s, uint64_t version,
	const void *view)
{
	size_t begun = ctl_frame_begin(out, CTL_VIEW);

	view_head(out, s, version);
	if (view)
		view_encode(section_desc(s), view, out);
	else
		str_add(out, "{}");
	ctl_frame_end(out, begun);
}

void ctl_write_view_json(struct str *out, enum section s, uint64_t version,
	const char *json, size_t n)
{
	size_t begun = ctl_frame_begin(out, CTL_VIEW);

	view_head(out, s, version);
	str_addn(out, json, n);
	ctl_frame_end(out, begun);
}

struct err *ctl_view_decode(const struct ctl_frame *f, struct ctl_view *out)
{
	*out = (struct ctl_view){0};
	if (f->n < 9 || (uint8_t)f->payload[0] >= SECTION_COUNT)
		return err_new(ERR_PROTOCOL, "VIEW: no such section");
	out->section = (enum section)f->payload[0];
	out->version = take_u64(f->payload + 1);
	out->json = f->payload + 9;
	out->n = f->n - 9;
	return NULL;
}

/* --- LOG --- */

void ctl_log_begin(struct ctl_log_writer *w, struct str *out, uint64_t after)
{
	*w = (struct ctl_log_writer){out, ctl_frame_begin(out, CTL_LOG), 0};
	str_printf(out, "{\"after\":%" PRIu64 ",\"records\":[", after);
}

void ctl_log_add(struct ctl_log_writer *w, const struct journal_record *r)
{
	str_printf(w->out, "%s{\"seq\":%" PRIu64 ",\"at_ms\":%" PRId64
		",\"level\":\"%s\",\"name\":", w->records++ ? "," : "",
		r->seq, r->wall_ms, log_level_name(r->level));
	json_add_text(w->out, r->name);
	str_add(w->out, ",\"text\":");
	json_add_text(w->out, r->text);
	str_addc(w->out, '}');
}

void ctl_log_end(struct ctl_log_writer *w)
{
	str_add(w->out, "]}");
	ctl_frame_end(w->out, w->begun);
}

static enum log_level level_of(const char *name)
{
	for (enum log_level l = LOG_TRACE; l < LOG_BROKEN; l++) {
		if (!strcmp(log_level_name(l), name))
			return l;
	}
	return LOG_BROKEN;
}

static bool scan_record(struct json_scan *j, struct str text[static 4],
	struct journal_record *r)
{
	struct str *key = &text[3];
	bool first = true;
	int64_t seq = 0;

	for (int i = 0; i < 3; i++) {
		str_truncate(&text[i], 0);
		str_reserve(&text[i], 0);
	}
	*r = (struct journal_record){0};
	if (!scan_open(j, '{'))
		return false;
	while (scan_next(j, '{', &first)) {
		bool ok;

		if (!scan_key(j, key))
			return false;
		if (!strcmp(key->s, "seq"))
			ok = scan_int(j, &seq);
		else if (!strcmp(key->s, "at_ms"))
			ok = scan_int(j, &r->wall_ms);
		else if (!strcmp(key->s, "level"))
			ok = scan_text(j, &text[0]);
		else if (!strcmp(key->s, "name"))
			ok = scan_text(j, &text[1]);
		else if (!strcmp(key->s, "text"))
			ok = scan_text(j, &text[2]);
		else
			ok = scan_skip(j);
		if (!ok)
			return false;
	}
	if (seq <= 0)
		return scan_fault(j, "record without seq");
	r->seq = (uint64_t)seq;
	r->level = level_of(text[0].s);
	r->name = text[1].s;
	r->text = text[2].s;
	return !j->fault;
}

static bool scan_log(struct json_scan *j, struct str text[static 4],
	int64_t *after, void (*fn)(void *, const struct journal_record *),
	void *ctx)
{
	struct journal_record r;
	bool first = true, first_record = true;

	if (!scan_open(j, '{'))
		return false;
	while (scan_next(j, '{', &first)) {
		if (!scan_key(j, &text[3]))
			return false;
		if (!strcmp(text[3].s, "after")) {
			if (!scan_int(j, after))
				return false;
			continue;
		}
		if (strcmp(text[3].s, "records")) {
			if (!scan_skip(j))
				return false;
			continue;
		}
		if (!scan_open(j, '['))
			return false;
		while (scan_next(j, '[', &first_record)) {
			if (!scan_record(j, text, &r))
				return false;
			fn(ctx, &r);
		}
	}
	return scan_end(j);
}

struct err *ctl_log_decode(const struct ctl_frame *f, uint64_t *after,
	void (*fn)(void *ctx, const struct journal_record *r), void *ctx)
{
	struct str text[4] = {0}; /* level, name, text, key */
	struct json_scan j;
	int64_t begin = 0;

	json_scan_init(&j, f->payload, f->n, VIEW_MAX_DEPTH);
	scan_log(&j, text, &begin, fn, ctx);
	*after = begin < 0 ? 0 : (uint64_t)begin;
	for (size_t i = 0; i < ARRAY_SIZE(text); i++)
		str_clear(&text[i]);
	return err_wrap(scan_err(&j), "LOG");
}

/* --- COMMAND --- */

void ctl_write_command(struct str *out, uint64_t id, const struct command *c)
{
	size_t begun = ctl_frame_begin(out, CTL_COMMAND);
	const char *comma = "";

	str_printf(out, "{\"id\":%" PRIu64 ",\"name\":\"%s\",\"args\":{", id,
		c->def->name);
	for (size_t i = 0; i < c->def->args_n; i++) {
		if (!c->text[i])
			continue;
		str_printf(out, "%s\"%s\":", comma, c->def->args[i].name);
		comma = ",";
		if (c->def->args[i].type == ARG_TYPE_INT)
			str_printf(out, "%" PRId64, c->value[i].number);
		else
			json_add_text(out, c->text[i]);
	}
	str_addc(out, '}');
	if (*c->token) {
		str_add(out, ",\"token\":");
		json_add_text(out, c->token);
	}
	str_addc(out, '}');
	ctl_frame_end(out, begun);
}

static struct err *take_args(json_t *args, const struct command_def *def,
	struct command *out)
{
	struct err *e = NULL;

	*out = (struct command){.def = def};
	for (size_t i = 0; !e && i < def->args_n; i++) {
		json_t *v = json_object_get(args, def->args[i].name);
		struct str s = STR_INIT;

		if (json_is_integer(v))
			str_printf(&s, "%" JSON_INTEGER_FORMAT,
				json_integer_value(v));
		else if (json_is_string(v))
			str_add(&s, json_string_value(v));
		else if (v || !def->args[i].optional)
			e = err_new(ERR_INVALID, "%s: no %s", def->name,
				def->args[i].name);
		if (!e && v)
			e = command_put(out, i, str_cstr(&s));
		str_clear(&s);
	}
	if (!e)
		e = command_complete(out);
	return e;
}

static struct err *take_token(json_t *command, struct command *out)
{
	json_t *token = json_object_get(command, "token");

	if (!token)
		return NULL;
	if (!json_is_string(token) ||
		json_string_length(token) >= sizeof(out->token))
		return err_new(ERR_PROTOCOL, "COMMAND: not a token");
	memcpy(out->token, json_string_value(token),
		json_string_length(token) + 1);
	return NULL;
}

struct err *ctl_command_decode(const struct ctl_frame *f, uint64_t *id,
	struct command *out)
{
	const struct command_def *def;
	const char *name;
	json_t *o;
	struct err *e = load(f, "COMMAND", &o);

	*out = (struct command){0};
	*id = 0;
	if (e)
		return e;
	name = json_string_value(json_object_get(o, "name"));
	def = name ? command_find(name) : NULL;
	if (!get_u64(o, "id", id))
		e = err_new(ERR_PROTOCOL, "COMMAND: no id");
	else if (!def)
		e = err_new(ERR_NOT_FOUND, "no command \"%.64s\"",
			name ? name : "");
	else
		e = take_args(json_object_get(o, "args"), def, out);
	if (!e)
		e = take_token(o, out);
	json_decref(o);
	if (e)
		command_clear(out);
	return e;
}

/* --- ANSWER and BYE --- */

const char *ctl_outcome_name(enum ctl_outcome o)
{
	switch (o) {
	case CTL_DONE:
		return "done";
	case CTL_REFUSED:
		return "refused";
	case CTL_ACCEPTED:
		return "accepted";
	case CTL_ASKS:
		return "asks";
	}
	return "?";
}

struct ctl_answer *ctl_answer_new(enum ctl_outcome outcome, char *taken_text)
{
	struct ctl_answer *a = XNEW(struct ctl_answer);

	a->outcome = outcome;
	a->text = taken_text;
	return a;
}

void ctl_answer_free(struct ctl_answer *a)
{
	if (a)
		ctl_answer_clear(a);
	free(a);
}

void ctl_write_answer(struct str *out, const struct ctl_answer *a)
{
	size_t begun = ctl_frame_begin(out, CTL_ANSWER);

	str_printf(out, "{\"id\":%" PRIu64 ",\"outcome\":\"%s\",\"text\":",
		a->id, ctl_outcome_name(a->outcome));
	json_add_text(out, a->text ? a->text : "");
	if (a->outcome == CTL_ASKS) {
		str_add(out, ",\"token\":");
		json_add_text(out, a->token);
		str_add(out, ",\"word\":");
		json_add_text(out, a->word);
	}
	if (a->code)
		str_printf(out, ",\"code\":%" PRId64, a->code);
	str_addc(out, '}');
	ctl_frame_end(out, begun);
}

struct err *ctl_answer_decode(const struct ctl_frame *f,
	struct ctl_answer *out)
{
	char *outcome;
	json_t *o;
	struct err *e = load(f, "ANSWER", &o);

	*out = (struct ctl_answer){0};
	if (e)
		return e;
	outcome = get_text(o, "outcome");
	if (!get_u64(o, "id", &out->id))
		e = err_new(ERR_PROTOCOL, "ANSWER: no id");
	else if (!strcmp(outcome, "done"))
		out->outcome = CTL_DONE;
	else if (!strcmp(outcome, "accepted"))
		out->outcome = CTL_ACCEPTED;
	else if (!strcmp(outcome, "refused"))
		out->outcome = CTL_REFUSED;
	else if (!strcmp(outcome, "asks"))
		out->outcome = CTL_ASKS;
	else
		e = err_new(ERR_PROTOCOL, "ANSWER: unknown outcome");
	free(outcome);
	if (!e)
		out->text = get_text(o, "text");
	out->code = json_integer_value(json_object_get(o, "code"));
	if (!e && out->outcome == CTL_ASKS) {
		out->token = get_text(o, "token");
		out->word = get_text(o, "word");
	}
	json_decref(o);
	return e;
}

void ctl_answer_clear(struct ctl_answer *a)
{
	free(a->text);
	free(a->token);
	free(a->word);
	*a = (struct ctl_answer){0};
}

/* --- SECRET: bytes as they are, so that no parser keeps a copy --- */

void ctl_write_secret(struct str *out, uint64_t id, uint64_t number, const char *text)
{
	size_t begun = ctl_frame_begin(out, CTL_SECRET);
	char head[16];

	put_u64(head, id);
	put_u64(head + 8, number);
	str_addn(out, head, sizeof(head));
	str_add(out, text);
	ctl_frame_end(out, begun);
}

struct err *ctl_secret_decode(const struct ctl_frame *f, struct ctl_secret *out)
{
	*out = (struct ctl_secret){0};
	if (f->n < 16)
		return err_new(ERR_PROTOCOL, "SECRET: no numbers");
	out->id = take_u64(f->payload);
	out->number = take_u64(f->payload + 8);
	out->bytes = f->payload + 16;
	out->n = f->n - 16;
	if (out->n > CTL_SECRET_MAX)
		return err_new(ERR_LIMIT, "a password has at most %d bytes", CTL_SECRET_MAX);
	if (memchr(out->bytes, '\0', out->n) || memchr(out->bytes, '\n', out->n))
		return err_new(ERR_INVALID, "a password is one line");
	return NULL;
}

void ctl_write_bye(struct str *out, const char *reason)
{
	size_t begun = ctl_frame_begin(out, CTL_BYE);

	str_add(out, "{\"reason\":");
	json_add_text(out, reason);
	str_addc(out, '}');
	ctl_frame_end(out, begun);
}

struct err *ctl_bye_decode(const struct ctl_frame *f, char **reason)
{
	json_t *o;
	struct err *e = load(f, "BYE", &o);

	*reason = NULL;
	if (e)
		return e;
	*reason = get_text(o, "reason");
	json_decref(o);
	return NULL;
}
