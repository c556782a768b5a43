/* `set`, `unset`, `settings`, `save_config`: any flag of a running node, by its own name. */
#include <stdlib.h>
#include <string.h>

#include "proto/ctl_codec.h"
#include "proto/view_codec.h"
#include "src/base/log.h"
#include "src/node/command.h"
#include "src/node/config.h"
#include "src/node/listing.h"
#include "src/node/settings.h"
#include "src/node/settings_apply.h"

static void done(struct reply reply, struct str *text)
{
	reply_send(reply, NULL, ctl_answer_new(CTL_DONE, str_take(text)));
}

/* -name, --name and name alike. */
static struct err *find(const char *text, const struct option **out)
{
	const char *name = text + strspn(text, "-");
	const struct option *near;

	*out = option_find(name);
	if (*out)
		return NULL;
	near = option_nearest(name);
	return near ? err_new(ERR_NOT_FOUND, "no flag -%s; is it -%s?", name, near->name)
		    : err_new(ERR_NOT_FOUND, "no flag -%s; `settings` lists them", name);
}

static void say_outcome(const struct option *o, const struct config *next,
	enum applied applied, struct str *out)
{
	str_printf(out, "-%s ", o->name);
	if (*config_text(next, o->id))
		config_show(out, o->id, config_text(next, o->id));
	else
		str_add(out, "(empty)");
	if (config_origin(next, o->id) != ORIGIN_KV)
		str_printf(out, ", as by %s",
			config_origin_name(config_origin(next, o->id)));
	switch (applied) {
	case APPLIED_NOW:
		break;
	case APPLIED_IDLE:
		str_add(out, "; no role of this node works by it now");
		break;
	case APPLIED_LATER:
		str_add(out, "; it takes effect at the node's next start");
		break;
	}
}

/* text NULL: takes the edit back. */
static void change(struct command_target *t, const char *name, const char *text,
	struct reply reply)
{
	const struct option *o;
	struct config *next = NULL;
	enum applied applied;
	struct str told = STR_INIT;
	struct err *e = find(name, &o);

	if (!e)
		e = settings_try(t->settings, o->id, text, &next);
	if (!e)
		e = settings_apply(t->node, next, o->id, &applied);
	if (!e) {
		say_outcome(o, next, applied, &told);
		e = settings_put(t->settings, o->id, text, applied != APPLIED_LATER);
		e = err_wrap(e, "%s, but it is not kept", str_cstr(&told));
	}
	config_free(next);
	if (e) {
		str_clear(&told);
		reply_send(reply, e, NULL);
	} else {
		log_info(t->log, "set: %s", str_cstr(&told));
		done(reply, &told);
	}
}

void cmd_set(struct command_target *t, const struct command *c, struct reply reply)
{
	change(t, command_text(c, "flag"), command_text(c, "value"), reply);
}

void cmd_unset(struct command_target *t, const struct command *c, struct reply reply)
{
	change(t, command_text(c, "flag"), NULL, reply);
}

void cmd_save_config(struct command_target *t, const struct command *c, struct reply reply)
{
	const char *path = command_text(c, "file");
	struct str told = STR_INIT;
	struct err *e;

	if (path && *path != '/') /* whose directory: the node's, or the asker's? */
		e = err_new(ERR_INVALID, "give the file's whole path, from / on");
	else
		e = path ? settings_export(t->settings, path, &told)
			 : settings_save(t->settings, &told);
	if (e) {
		str_clear(&told);
		reply_send(reply, e, NULL);
		return;
	}
	log_info(t->log, "the config file was written by a command");
	done(reply, &told);
}

/* --- showing --- */

static const char *const columns[] = {"flag", "value", "origin", "next", "file", "default",
	"notes", NULL};

static const char *notes_of(const struct setting_row *r)
{
	return r->pinned ? "pinned" : r->waits ? "waits for a restart"
		: r->drift ? "not in the file" : "";
}

static void write_rows(const struct view_settings *v, bool drift_only,
	enum listing_format format, struct str *out)
{
	struct listing *l = listing_new(columns);

	for (size_t i = 0; i < v->rows.n; i++) {
		const struct setting_row *r = &v->rows.v[i];

		if (drift_only && !r->drift && !r->waits)
			continue;
		listing_add(l, view_text(r->name));
		listing_add(l, view_text(r->value));
		listing_add(l, view_text(r->origin));
		listing_add(l, r->waits ? view_text(r->next) : "");
		listing_add(l, r->in_file ? view_text(r->file) : "");
		listing_add(l, view_text(r->def));
		listing_add(l, notes_of(r));
	}
	if (listing_rows(l) || format != LISTING_TEXT)
		listing_write(l, format, out);
	else
		str_add(out, "nothing differs from the config file\n");
	listing_free(l);
}

void cmd_settings(struct command_target *t, const struct command *c, struct reply reply)
{
	const char *only = command_text(c, "only");
	enum listing_format format = listing_format(command_text(c, "format"));
	struct view_settings v = {.file = NULL};
	struct str text = STR_INIT;

	settings_view(t->settings, &v);
	if (only && strcmp(only, "diff") == 0)
		str_add(&text, view_text(v.diff));
	else
		write_rows(&v, only && strcmp(only, "drift") == 0, format, &text);
	view_clear(section_desc(SECTION_SETTINGS), &v);
	done(reply, &text);
}
