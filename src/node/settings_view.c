/* What is seen of the settings: each flag's value, who gave it, and where it
 * differs from the config file. */
#include <string.h>

#include "src/node/config_rewrite.h"
#include "src/node/settings_private.h"

/* The node's own word for it, where it need not be hidden. */
static void show(char **field, enum option_id id, const char *text)
{
	struct str shown = STR_INIT;

	if (option_get(id)->type == OPTION_SECRET) {
		view_set(field, *text ? "set" : "not set");
		return;
	}
	if (id == OPT_ETH_URL)
		config_show(&shown, id, text);
	else
		str_add(&shown, text);
	view_set(field, str_cstr(&shown));
	str_clear(&shown);
}

static enum config_origin origin_now(const struct settings *s, enum option_id id)
{
	if (!s->now[id])
		return config_origin(s->started, id);
	return s->edited[id] ? ORIGIN_KV : config_origin(s->next, id);
}

static void add_row(const struct settings *s, enum option_id id, struct view_settings *v)
{
	const struct option *o = option_get(id);
	const char *now = s->now[id] ? s->now[id] : config_text(s->started, id);
	const char *next = config_text(s->next, id);
	const char *file = config_said(s->next, id, ORIGIN_FILE);
	enum config_origin wins = config_origin(s->next, id);
	struct setting_row *r = VIEW_ADD(&v->rows);

	view_set(&r->name, o->name);
	view_set(&r->subject, option_subject(o));
	view_set(&r->origin, config_origin_name(origin_now(s, id)));
	view_set(&r->fixed, option_fixed(o));
	show(&r->value, id, now);
	show(&r->next, id, next);
	show(&r->def, id, o->def);
	if (file)
		show(&r->file, id, file);
	r->in_file = file != NULL;
	r->live = o->live;
	r->pinned = wins == ORIGIN_FLAG || wins == ORIGIN_ENV;
	r->waits = strcmp(now, next) != 0;
	r->drift = !option_fixed(o) && strcmp(file ? file : o->def, next) != 0;
	r->secret = o->type == OPTION_SECRET || id == OPT_ETH_URL;
}

static void add_diff(const struct settings *s, struct view_settings *v)
{
	const char *text = config_file_text(s->next);
	struct str saved = STR_INIT, diff = STR_INIT;
	struct err *e = settings_saved_text(s, text, &saved);

	if (e)
		str_printf(&diff, "! %s\n", err_text(e));
	else
		config_diff(text, str_cstr(&saved), &diff);
	view_set(&v->diff, str_cstr(&diff));
	err_free(e);
	str_clear(&saved);
	str_clear(&diff);
}

void settings_view(const struct settings *s, struct view_settings *v)
{
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (option_get(i)->support != OPTION_UNSUPPORTED)
			add_row(s, i, v);
	if (!config_file_path(s->next))
		return;
	view_set(&v->file, config_file_path(s->next));
	v->file_moved = settings_file_moved(s);
	add_diff(s, v);
}
