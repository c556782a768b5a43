#include "ui/setting_form.h"

#include <stdlib.h>
#include <string.h>

#include "proto/command.h"
#include "src/model/options.h"

/* --- one flag --- */

static struct err *check(const void *ctx, const char *text)
{
	struct option_value ignored;

	return option_parse(ctx, text, &ignored);
}

static const struct setting_row *row_of(const struct mirror *m, const struct option *o)
{
	for (size_t i = 0; i < m->settings.rows.n; i++)
		if (!strcmp(view_text(m->settings.rows.v[i].name), o->name))
			return &m->settings.rows.v[i];
	return NULL;
}

static const char *or_empty(const char *text)
{
	return *view_text(text) ? text : "(empty)";
}

/* Where the value comes from, what it falls back to, and what a change costs. */
static void tell(const struct form *f, const struct mirror *m, struct str *out)
{
	const struct option *o = form_ctx(f);
	const struct setting_row *r = row_of(m, o);

	if (!r)
		return;
	str_printf(out, "now %s (%s); ", or_empty(r->value), view_text(r->origin));
	if (r->waits)
		str_printf(out, "%s from the next start on; ", or_empty(r->next));
	if (r->in_file)
		str_printf(out, "the config file says %s; ", or_empty(r->file));
	str_printf(out, "default %s\n", or_empty(r->def));
	str_add(out, o->live ? "A change takes effect at once, and is kept for the next start"
			     : "A change takes effect at the node's next start");
	str_add(out, "\nEmpty: what was set here is taken back");
}

static struct intent done(const struct form *f)
{
	const struct option *o = form_ctx(f);
	const char *value = form_value(f, "value");
	struct str line = STR_INIT;
	struct intent i;

	if (!*value) {
		str_printf(&line, "unset %s", o->name);
	} else {
		str_printf(&line, "set %s ", o->name);
		command_quote(&line, value);
	}
	i = intentf(INTENT_COMMAND, "%s", line.s);
	str_clear(&line);
	return i;
}

static struct err *check_changed(const struct form *f, size_t *at)
{
	*at = 0;
	return form_changed(f, "value") ? NULL
		: err_new(ERR_INVALID, "nothing is changed; Esc leaves it as it is");
}

struct form *setting_form(const struct setting_row *r)
{
	static const struct form_ops ops = {.check = check_changed, .tell = tell, .done = done};
	/* Forms hand their ctx out to be changed; nobody changes an option. */
	const struct option *o = option_find(view_text(r->name));
	union {
		const void *in;
		void *out;
	} ctx = {o};
	struct str bounds = STR_INIT, label = STR_INIT;
	const char *choices = o ? option_choices(o) : NULL;
	struct form *f;

	if (!o)
		return NULL;
	option_bounds(o, &bounds);
	str_printf(&label, "-%s", o->name);
	f = form_new(&ops, view_text(r->subject), ctx.out);
	form_add(f, &(struct field){
		.name = "value",
		.label = label.s,
		.unit = choices ? NULL : o->unit,
		.bounds = r->secret && o->type == OPTION_SECRET ? "path of a file with it"
			: str_cstr(&bounds),
		.help = o->prose,
		.kind = choices ? FIELD_CHOICE : FIELD_TEXT,
		.words = choices,
		/* A part of a value is no beginning for another. */
		.value = r->secret ? "" : view_text(r->next),
		.check = check,
		.ctx = o,
	});
	str_clear(&bounds);
	str_clear(&label);
	return f;
}

/* --- the file --- */

static void tell_diff(const struct form *f, const struct mirror *m, struct str *out)
{
	(void)f;
	if (m->settings.file_moved)
		str_add(out, "! it was changed by another hand since the node read it\n");
	str_add(out, view_text(m->settings.diff));
	if (!*view_text(m->settings.diff))
		str_add(out, "it says all that was set: nothing is to be written");
}

static struct err *check_new_file(const struct form *f, size_t *at)
{
	*at = 0;
	return *form_value(f, "file") == '/' ? NULL
		: err_new(ERR_INVALID, "the whole path, from / on");
}

static struct intent done_saving(const struct form *f)
{
	struct str line = STR_INIT;
	struct intent i;

	str_add(&line, "save_config");
	if (!form_fixed(f, 0)) {
		str_addc(&line, ' ');
		command_quote(&line, form_value(f, "file"));
	}
	i = intentf(INTENT_COMMAND, "%s", line.s);
	str_clear(&line);
	return i;
}

struct form *save_form(const struct view_settings *v)
{
	static const struct form_ops ops = {.tell = tell_diff, .done = done_saving};
	static const struct form_ops new_ops = {.check = check_new_file, .done = done_saving};
	bool has_file = *view_text(v->file);
	struct form *f = form_new(has_file ? &ops : &new_ops, "Save the settings", NULL);

	form_add(f, &(struct field){
		.name = "file",
		.label = "Config file",
		.help = has_file ? "Comments, order and all other lines stay as they are; the file "
			"as it was is kept beside it, with .bak at its end."
			: "The node has read no config file. This writes a new one with all that "
			"is set, by flags too, to start it with -config.",
		.value = view_text(v->file),
		.needed = true,
		.fixed = has_file,
	});
	return f;
}
