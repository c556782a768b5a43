#include "src/node/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/kv.h"
#include "proto/view_codec.h"
#include "src/node/datadir.h"
#include "src/node/settings_private.h"

struct settings *settings_new(const struct config *started, struct db *db,
	struct board *board, const struct log *log)
{
	struct settings *s = XNEW(struct settings);

	s->started = started;
	s->next = config_copy(started);
	s->db = db;
	s->board = board;
	s->log = log;
	settings_publish(s);
	return s;
}

void settings_free(struct settings *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < OPT_COUNT; i++)
		free(s->now[i]);
	config_free(s->next);
	free(s);
}

const struct config *settings_next(const struct settings *s)
{
	return s->next;
}

/* --- editing --- */

static void key_of(enum option_id id, struct str *out)
{
	str_printf(out, "option.%s", option_get(id)->name);
}

struct err *settings_pinned(const struct settings *s, enum option_id id)
{
	const char *name = option_get(id)->name;
	struct str env = STR_INIT;
	struct err *e = NULL;

	switch (config_origin(s->next, id)) {
	case ORIGIN_FLAG:
		e = err_new(ERR_DENIED, "-%s is given on the node's command line, which wins "
			"over what is set here: start it without -%s", name, name);
		break;
	case ORIGIN_ENV:
		option_env_name(&env, option_get(id));
		e = err_new(ERR_DENIED, "-%s is given in the node's environment, which wins "
			"over what is set here: start it without %s", name, env.s);
		break;
	case ORIGIN_DEFAULT:
	case ORIGIN_FILE:
	case ORIGIN_KV:
	case ORIGIN_COUNT:
		break;
	}
	str_clear(&env);
	return e;
}

/* A secret that was typed here would stand in the shell's history, in the
 * console's, and in the database. */
static struct err *check_secret(const struct option *o, const char *text)
{
	char *content = NULL;
	struct err *e;

	if (o->type != OPTION_SECRET || !text)
		return NULL;
	e = node_file_or_text(text, &content);
	if (!e && strcmp(content, text) == 0)
		e = err_new(ERR_INVALID, "-%s is a secret, and is not typed here: give the "
			"path of a file that holds it", o->name);
	free(content);
	return e;
}

struct err *settings_try(const struct settings *s, enum option_id id, const char *text,
	struct config **out)
{
	const struct option *o = option_get(id);
	struct config *c;
	struct err *e = NULL;

	if (o->support == OPTION_UNSUPPORTED)
		return err_new(ERR_INVALID, "-%s is not supported: %s", o->name, o->prose);
	if (option_fixed(o))
		return err_new(ERR_INVALID, "-%s cannot be set here: %s", o->name,
			option_fixed(o));
	e = settings_pinned(s, id);
	if (!e)
		e = check_secret(o, text);
	if (e)
		return e;
	c = config_copy(s->next);
	if (text)
		e = config_set(c, id, ORIGIN_KV, text);
	else
		config_unset(c, id, ORIGIN_KV);
	if (!e)
		e = config_check(c);
	if (!e)
		e = config_check_start(c);
	if (e)
		config_free(TAKE(c));
	*out = c;
	return e;
}

static struct err *store(struct settings *s, enum option_id id, const char *text)
{
	struct str key = STR_INIT;
	struct err *e;

	key_of(id, &key);
	e = text ? kv_put(s->db, key.s, text) : kv_delete(s->db, key.s);
	str_clear(&key);
	return e;
}

struct err *settings_put(struct settings *s, enum option_id id, const char *text, bool lives)
{
	struct err *e = store(s, id, text);

	if (!e && text)
		e = config_set(s->next, id, ORIGIN_KV, text);
	else if (!e)
		config_unset(s->next, id, ORIGIN_KV);
	if (lives) {
		free(s->now[id]);
		s->now[id] = xstrdup(text ? text : config_text(s->next, id));
		s->edited[id] = text != NULL;
	}
	settings_publish(s);
	return e;
}

void settings_keep(struct settings *s, enum option_id id, const char *text,
	struct str *remark)
{
	const char *name = option_get(id)->name;
	struct err *e = settings_put(s, id, text, true);
	enum config_origin origin = config_origin(s->next, id);

	if (e) {
		log_unusual(s->log, "-%s is not kept: %s", name, err_text(e));
		str_printf(remark, "; not kept for the next start: %s", err_text(e));
	} else if (origin == ORIGIN_FLAG || origin == ORIGIN_ENV) {
		str_printf(remark, "; the next start takes -%s from the %s again", name,
			config_origin_name(origin));
	}
	err_free(e);
}

void settings_note(struct settings *s, enum option_id id, const char *text)
{
	free(s->now[id]);
	s->now[id] = xstrdup(text);
	s->edited[id] = true;
	settings_publish(s);
}

static struct err *forget(struct db *db, const struct option *o, struct str *told)
{
	struct str key = STR_INIT;
	char *was = NULL;
	struct err *e;

	key_of(o->id, &key);
	e = kv_get(db, key.s, &was);
	if (!e && !was)
		e = err_new(ERR_NOT_FOUND, "-%s was not set while a node ran here", o->name);
	if (!e)
		e = kv_delete(db, key.s);
	if (!e)
		str_printf(told, "-%s is as if it had not been set\n", o->name);
	free(was);
	str_clear(&key);
	return e;
}

struct err *settings_forget(const char *datadir, const char *flag, struct str *told)
{
	const struct option *o = option_find(flag + strspn(flag, "-"));
	char *path = datadir_file(datadir, DATADIR_DB);
	struct db *db = NULL;
	struct err *e = NULL;

	if (!o)
		e = err_new(ERR_NOT_FOUND, "no flag -%s", flag);
	else if (access(path, F_OK) != 0)
		e = err_new(ERR_NOT_FOUND, "no node has run in %s", datadir);
	else
		e = db_open(path, DB_FULL, &db);
	if (!e)
		e = forget(db, o, told);
	db_close(db);
	free(path);
	return e;
}

void settings_edited(const struct config *c, struct str *out)
{
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (config_origin(c, i) == ORIGIN_KV)
			str_printf(out, "%s-%s", out->len ? " and " : "", option_get(i)->name);
}

void settings_publish(struct settings *s)
{
	struct view_settings v = {.file = NULL};
	struct str json = STR_INIT;

	settings_view(s, &v);
	view_encode(section_desc(SECTION_SETTINGS), &v, &json);
	view_clear(section_desc(SECTION_SETTINGS), &v);
	board_publish(s->board, SECTION_SETTINGS, blob_from_str(&json));
}
