#include "ui/migration_form.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ui/command_form.h"

/* --- where from, where to --- */

/* Beside the old one, which a directory below it would change. */
static void suggest_target(struct str *out, const char *from)
{
	const char *old = strstr(from, "/.lpData");

	if (*from && old)
		str_printf(out, "%.*s/weir/mainnet", (int)(old - from), from);
}

struct form *migration_start_form(const struct view_wizard *v)
{
	const char *places = view_text(v->places);
	char *first = xstrndup(places, strcspn(places, "|"));
	struct str to = STR_INIT;
	struct form *f;

	suggest_target(&to, first);
	f = command_form(CMD_migration_start, (const struct seed[]){
		SEED_OFFER("from", first, places), SEED("to", str_cstr(&to), NULL)}, 2);
	str_clear(&to);
	free(first);
	return f;
}

/* --- what is asked --- */

struct asked {
	int64_t number;
	char *kind, *about, *word, *left_out;
};

static void free_asked(void *ctx)
{
	struct asked *a = ctx;

	free(a->kind);
	free(a->about);
	free(a->word);
	free(a->left_out);
	free(a);
}

static bool is_kind(const struct asked *a, const char *kind)
{
	return !strcmp(a->kind, kind);
}

static struct err *check_word(const void *ctx, const char *text)
{
	const struct asked *a = ctx;

	return !strcasecmp(text, a->word) ? NULL : err_new(ERR_INVALID, "type %s to go on; Esc "
		"leaves the question open, e ends the wizard", a->word);
}

static void tell(const struct form *f, const struct mirror *m, struct str *out)
{
	const struct asked *a = form_ctx(f);

	if (m->wizard.question != a->number || strcmp(view_text(m->wizard.state), "asks") != 0)
		str_add(out, "this was answered already; Esc\n");
	str_add(out, a->about);
	if (*a->left_out)
		str_printf(out, "%sleft out:%s", out->len ? "\n" : "", a->left_out);
}

static struct intent done(const struct form *f)
{
	const struct asked *a = form_ctx(f);
	const char *text = form_value(f, "answer");
	struct str line = STR_INIT, answer = STR_INIT;
	struct intent i = {.kind = INTENT_SECRET, .number = a->number};

	if (is_kind(a, "secret")) {
		i.text = xstrdup(text);
		return i;
	}
	str_printf(&answer, "%s%s", text, a->left_out);
	str_printf(&line, "migration_answer question=%lld", (long long)a->number);
	if (answer.len) {
		str_add(&line, " text=");
		command_quote(&line, answer.s);
	}
	i = intentf(INTENT_COMMAND, "%s", line.s);
	str_clear(&line);
	str_clear(&answer);
	return i;
}

static const char *title_of(const struct asked *a)
{
	return is_kind(a, "secret") ? "The migration needs a password"
		: is_kind(a, "plan") ? "Do all of this?"
		: is_kind(a, "word") ? "This cannot be taken back" : "The migration asks";
}

/* Of the plan: how much of it there is. */
static void tell_plan(struct str *out, const struct view_wizard *v)
{
	const struct migration_row *r = v->report.n ? v->report.v : NULL;

	if (!r)
		return;
	str_printf(out, "%zu steps to %s", r->steps.n, view_text(v->to));
	if (*view_text(r->cost))
		str_printf(out, "; gas about %s", r->cost);
	if (*view_text(r->value))
		str_printf(out, ", and %s leave the account", r->value);
	str_add(out, "\nEach transaction is asked about once more before it is sent");
}

struct form *migration_answer_form(const struct view_wizard *v, const char *left_out)
{
	static const struct form_ops ops = {.tell = tell, .done = done, .free_ctx = free_asked};
	struct asked *a;
	struct str about = STR_INIT;
	struct form *f;
	bool typed;

	if (strcmp(view_text(v->state), "asks") != 0)
		return NULL;
	a = XNEW(struct asked);
	a->number = v->question;
	a->kind = xstrdup(view_text(v->kind));
	a->word = xstrdup(view_text(v->word));
	a->left_out = xstrdup(is_kind(a, "plan") ? left_out : "");
	str_add(&about, view_text(v->about));
	if (is_kind(a, "plan"))
		tell_plan(&about, v);
	a->about = str_take(&about);
	typed = *a->word;
	f = form_new(&ops, title_of(a), a);
	form_add(f, &(struct field){
		.name = "answer",
		.label = is_kind(a, "secret") ? "Password" : typed ? "To go on" : "Answer",
		.bounds = typed ? a->word : *view_text(v->otherwise) ? "Enter: as it stands" : NULL,
		.help = view_text(v->ask),
		.kind = is_kind(a, "secret") ? FIELD_SECRET : FIELD_TEXT,
		.words = !strcmp(view_text(v->name), "from") ? view_text(v->places) : NULL,
		.value = typed ? "" : view_text(v->otherwise),
		.needed = typed,
		.check = typed ? check_word : NULL,
		.ctx = a,
	});
	return f;
}
