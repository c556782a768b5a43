/* The live edits into the config file. The database keeps them until the file
 * has them: killed in between, a node has both, and they say the same. */
#include <stdlib.h>
#include <string.h>

#include "db/kv.h"
#include "src/node/config_file.h"
#include "src/node/config_rewrite.h"
#include "src/node/settings_private.h"

struct changes {
	struct config_change v[OPT_COUNT];
	size_t n;
	char *texts[OPT_COUNT]; /* what v points to */
};

static void changes_clear(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->texts[i]);
	c->n = 0;
}

static void add(struct changes *c, enum option_id id, const char *text)
{
	char *copy = text ? xstrdup(text) : NULL;

	c->texts[c->n] = copy;
	c->v[c->n++] = (struct config_change){id, copy};
}

/* A line cannot say nothing: where that is the default, none is needed. */
static void add_edit(struct changes *c, const struct settings *s, enum option_id id,
	const char *text)
{
	const char *file = config_said(s->next, id, ORIGIN_FILE);
	bool is_default = strcmp(text, option_get(id)->def) == 0;

	if (file ? strcmp(file, text) == 0 : is_default)
		return;
	add(c, id, !*text && is_default ? NULL : text);
}

/* The database has them as they were given: of secrets that were used, `next`
 * has only how long they are. */
static struct err *collect(const struct settings *s, struct changes *c)
{
	struct err *e = NULL;

	for (size_t i = 0; i < OPT_COUNT && !e; i++) {
		struct str key = STR_INIT;
		char *text = NULL;

		if (!config_said(s->next, i, ORIGIN_KV))
			continue;
		str_printf(&key, "option.%s", option_get(i)->name);
		e = kv_get(s->db, key.s, &text);
		if (!e && text)
			add_edit(c, s, i, text);
		free(text);
		str_clear(&key);
	}
	return e;
}

/* Read back, it must say what was meant; else the file stays as it is. */
static struct err *check_result(const struct changes *c, const struct str *text)
{
	struct config *read = config_new();
	struct err *e = config_read_text(read, "the new file", str_cstr(text), text->len);

	for (size_t i = 0; i < c->n && !e; i++) {
		const char *have = config_said(read, c->v[i].id, ORIGIN_FILE);

		if (c->v[i].value ? !have || strcmp(have, c->v[i].value) != 0 : have != NULL)
			e = err_new(ERR_INTERNAL, "the new file would not say -%s as it was "
				"set", option_get(c->v[i].id)->name);
	}
	config_free(read);
	return e;
}

static struct err *rewrite(const struct changes *c, const char *text, struct str *out)
{
	struct err *e = config_rewrite(text, strlen(text), c->v, c->n, out);

	return e ? e : check_result(c, out);
}

struct err *settings_saved_text(const struct settings *s, const char *text, struct str *out)
{
	struct changes *c = XNEW(struct changes);
	struct err *e = collect(s, c);

	if (!e)
		e = rewrite(c, text, out);
	changes_clear(c);
	free(c);
	return e;
}

/* What was read at the start must be what is there now. */
static struct err *check_unmoved(const struct settings *s)
{
	const char *path = config_file_path(s->next);
	struct str now = STR_INIT;
	struct err *e = config_file_read(path, &now);

	if (!e && strcmp(str_cstr(&now), config_file_text(s->next)) != 0)
		e = err_new(ERR_DENIED, "%s was changed by another hand since this node read "
			"it: nothing is written; put the changes there, or restart the node "
			"and save then", path);
	str_clear(&now);
	return e;
}

bool settings_file_moved(const struct settings *s)
{
	struct err *e = config_file_path(s->next) ? check_unmoved(s) : NULL;
	bool moved = e != NULL;

	err_free(e);
	return moved;
}

/* The file says it now; the node works by what it worked by. */
static struct err *settle(struct settings *s, enum option_id id)
{
	const char *edit = config_said(s->next, id, ORIGIN_KV);
	struct str key = STR_INIT;
	struct err *e;

	str_printf(&key, "option.%s", option_get(id)->name);
	e = kv_delete(s->db, key.s);
	str_clear(&key);
	if (e)
		return e;
	if (!s->now[id])
		s->now[id] = xstrdup(config_text(s->started, id));
	s->edited[id] = false;
	if (strcmp(edit, option_get(id)->def) == 0 && !*edit)
		config_unset(s->next, id, ORIGIN_FILE);
	else if (strcmp(edit, option_get(id)->def) != 0 ||
		config_said(s->next, id, ORIGIN_FILE))
		e = config_set(s->next, id, ORIGIN_FILE, edit);
	config_unset(s->next, id, ORIGIN_KV);
	return e;
}

struct err *settings_save(struct settings *s, struct str *told)
{
	const char *path = config_file_path(s->next);
	struct str text = STR_INIT;
	struct err *e;

	if (!path)
		return err_new(ERR_NOT_FOUND, "this node has read no config file: `save_config "
			"FILE` writes one with all that is set, to start it with -config FILE");
	e = check_unmoved(s);
	if (!e)
		e = settings_saved_text(s, config_file_text(s->next), &text);
	if (!e && strcmp(str_cstr(&text), config_file_text(s->next)) != 0) {
		e = config_file_replace(path, str_cstr(&text), text.len);
		if (!e)
			str_printf(told, "written: %s, and the one before is %s.bak\n", path, path);
	} else if (!e) {
		str_printf(told, "%s says all that is set already\n", path);
	}
	if (!e) {
		config_diff(config_file_text(s->next), str_cstr(&text), told);
		config_keep_file(s->next, path, str_cstr(&text));
	}
	for (size_t i = 0; i < OPT_COUNT && !e; i++)
		if (config_said(s->next, i, ORIGIN_KV))
			e = settle(s, i);
	str_clear(&text);
	settings_publish(s);
	return e;
}

/* --- a new file --- */

/* A secret that is not in a file of its own stays where it was given. */
static bool may_be_written(const struct option *o, const char *text, struct str *told)
{
	char *content = NULL;
	struct err *e;
	bool is_path;

	if (o->type != OPTION_SECRET || !*text)
		return true;
	e = node_file_or_text(text, &content);
	is_path = !e && strcmp(content, text) != 0;
	err_free(e);
	free(content);
	if (!is_path)
		str_printf(told, "-%s is not in it: it is a secret; put it into a file, and "
			"the file's path there\n", o->name);
	return is_path;
}

/* What says where the file is, or is asked of the program, is not in it. */
static bool belongs(enum option_id id)
{
	return id != OPT_CONFIG && id != OPT_VERSION && id != OPT_SCRIPT;
}

struct err *settings_export(const struct settings *s, const char *path, struct str *told)
{
	struct changes *c = XNEW(struct changes);
	struct str text = STR_INIT, left_out = STR_INIT;
	struct err *e;

	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get(i);
		const char *value = config_text(s->next, i);

		if (config_is_set(s->next, i) && *value && belongs(i) &&
			strcmp(value, o->def) != 0 && may_be_written(o, value, &left_out))
			add(c, i, value);
	}
	e = rewrite(c, "# Written by weir's save_config. `weir help` tells what each is.\n",
		&text);
	if (!e)
		e = config_file_create(path, str_cstr(&text), text.len);
	if (!e)
		str_printf(told, "%s is written; start the node with -config %s\n%s", path, path,
			str_cstr(&left_out));
	changes_clear(c);
	free(c);
	str_clear(&text);
	str_clear(&left_out);
	return e;
}
