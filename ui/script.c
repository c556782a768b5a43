#include "ui/script.h"

#include "ui/keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_MAX (1 << 20) /* bytes of a file */

static struct script_step *add(struct script *s, enum script_op op)
{
	struct script_step *step;

	s->steps = xrealloc_array(s->steps, s->n + 1, sizeof(*s->steps));
	step = &s->steps[s->n++];
	*step = (struct script_step){.op = op};
	return step;
}

static void add_keys(struct script *s, const char *word, size_t n)
{
	char *name = xstrndup(word, n);
	int key = key_by_name(name);

	if (key != K_NONE) {
		add(s, SCRIPT_KEY)->key = key;
	} else {
		for (const char *p = name; *p;)
			add(s, SCRIPT_KEY)->key = (int)utf8_next(&p);
	}
	free(name);
}

static struct err *add_directive(struct script *s, const char *line)
{
	const char *arg = strchr(line, ' ');
	struct script_step *step;

	arg = arg ? arg + 1 : "";
	if (str_has_prefix(line, ":save-screen ")) {
		add(s, SCRIPT_SAVE)->text = xstrdup(arg);
		return NULL;
	}
	if (str_has_prefix(line, ":wait ")) {
		add(s, SCRIPT_WAIT)->text = xstrdup(arg);
		return NULL;
	}
	if (str_has_prefix(line, ":size ")) {
		step = add(s, SCRIPT_SIZE);
		if (sscanf(arg, "%4dx%4d", &step->w, &step->h) == 2)
			return NULL;
	}
	return err_new(ERR_INVALID, "script: cannot read \"%s\"", line);
}

static struct err *add_line(struct script *s, const char *line)
{
	if (*line == '#')
		return NULL;
	if (*line == ':' && line[1] && line[1] != ' ')
		return add_directive(s, line);
	while (*line) {
		size_t n = strcspn(line, " \t");

		if (n)
			add_keys(s, line, n);
		line += n + (line[n] != '\0');
	}
	return NULL;
}

struct err *script_parse(struct script *s, const char *text)
{
	struct err *e = NULL;

	*s = (struct script){0};
	while (*text && !e) {
		size_t n = strcspn(text, "\n");
		char *line = xstrndup(text, n);

		e = add_line(s, line);
		free(line);
		text += n + (text[n] == '\n');
	}
	if (e)
		script_clear(s);
	return e;
}

struct err *script_load(struct script *s, const char *path)
{
	char *text = xcalloc(1, SCRIPT_MAX + 1);
	FILE *f = fopen(path, "re");
	struct err *e;

	*s = (struct script){0};
	if (!f) {
		free(text);
		return err_sys(errno, "%s", path);
	}
	if (fread(text, 1, SCRIPT_MAX + 1, f) > SCRIPT_MAX)
		e = err_new(ERR_LIMIT, "%s: larger than %d bytes", path,
			SCRIPT_MAX);
	else
		e = script_parse(s, text);
	fclose(f);
	free(text);
	return e;
}

void script_clear(struct script *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->steps[i].text);
	free(s->steps);
	*s = (struct script){0};
}

const struct script_step *script_step(const struct script *s)
{
	static const struct script_step end = {.op = SCRIPT_END};

	return s->at < s->n ? &s->steps[s->at] : &end;
}

bool script_shows(const struct canvas *c, const char *text)
{
	struct str screen = STR_INIT;
	bool found;

	canvas_dump(c, &screen);
	found = strstr(str_cstr(&screen), text);
	str_clear(&screen);
	return found;
}
