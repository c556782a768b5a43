/* Reading a command line as Go's flag package does, and a config file as ff's
 * PlainParser does (github.com/peterbourgon/ff v3): what starts go-livepeer
 * starts weir. Where Go would stop reading in silence, this is an error. */
#include "src/node/config.h"

#include <stdlib.h>
#include <string.h>

#include "src/node/config_file.h"

static struct err *unknown_flag(const char *name)
{
	const struct option *near = option_nearest(name);
	struct str shown = STR_INIT;
	struct err *e;

	str_add_safe(&shown, name, strlen(name), 64);
	if (near)
		e = err_new(ERR_INVALID, "flag provided but not defined: -%s; is it -%s?",
			str_cstr(&shown), near->name);
	else
		e = err_new(ERR_INVALID, "flag provided but not defined: -%s; "
			"`weir help` lists the flags", str_cstr(&shown));
	str_clear(&shown);
	return e;
}

static struct err *stray_argument(int i, char *const *argv)
{
	const struct option *before = NULL;

	if (i > 0 && argv[i - 1][0] == '-')
		before = option_find(argv[i - 1] + 1 + (argv[i - 1][1] == '-'));
	if (before && option_is_bool(before))
		return err_new(ERR_INVALID, "unexpected argument \"%s\": -%s is a switch, "
			"write -%s=%s", argv[i], before->name, before->name, argv[i]);
	return err_new(ERR_INVALID, "unexpected argument \"%s\": flags begin with a dash",
		argv[i]);
}

struct err *config_read_args(struct config *c, int argc, char *const *argv)
{
	for (int i = 0; i < argc; i++) {
		const char *arg = argv[i], *value;
		const struct option *o;
		struct err *e;
		char *name;

		if (arg[0] != '-' || !arg[1])
			return stray_argument(i, argv);
		arg += 1 + (arg[1] == '-');
		if (!*arg) /* "--" ends the flags */
			return i + 1 < argc ? stray_argument(i + 1, argv) : NULL;
		if (*arg == '-' || *arg == '=')
			return err_new(ERR_INVALID, "bad flag syntax: %s", argv[i]);
		value = strchr(arg, '=');
		name = xstrndup(arg, value ? (size_t)(value - arg) : strlen(arg));
		o = option_find(name);
		e = o ? NULL : unknown_flag(name);
		free(name);
		if (e)
			return e;
		if (value)
			value++;
		else if (option_is_bool(o))
			value = "true";
		else if (i + 1 < argc)
			value = argv[++i];
		else
			return err_new(ERR_INVALID, "flag needs an argument: -%s", o->name);
		e = config_set(c, o->id, ORIGIN_FLAG, value);
		if (e)
			return e;
	}
	return NULL;
}

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\v' || ch == '\f';
}

static char *trimmed(const char *p, size_t n)
{
	while (n && is_blank(*p)) {
		p++;
		n--;
	}
	while (n && is_blank(p[n - 1]))
		n--;
	return xstrndup(p, n);
}

static struct err *set_line(struct config *c, char *name, char *value)
{
	const struct option *o;
	char *comment = strstr(value, " #");

	if (comment)
		*comment = '\0';
	for (size_t n = strlen(value); n && is_blank(value[n - 1]); n--)
		value[n - 1] = '\0';
	/* The PlainParser of today takes no dashes; its older text promised to. */
	name += strspn(name, "-");
	o = option_find(name);
	if (!o)
		return unknown_flag(name);
	if (o->id == OPT_CONFIG)
		return err_new(ERR_INVALID, "a config file may not name another one");
	return config_set(c, o->id, ORIGIN_FILE, value);
}

static struct err *read_line(struct config *c, const char *p, size_t n)
{
	char *line = trimmed(p, n), *value;
	struct err *e = NULL;

	if (!*line || *line == '#') {
		free(line);
		return NULL;
	}
	value = strpbrk(line, " \t");
	if (value) {
		*value++ = '\0';
		value += strspn(value, " \t");
		e = set_line(c, line, value);
	} else {
		char yes[] = "true";

		e = set_line(c, line, yes);
	}
	free(line);
	return e;
}

struct err *config_read_text(struct config *c, const char *origin_name, const char *text,
	size_t n)
{
	size_t line = 1;

	if (memchr(text, '\0', n))
		return err_new(ERR_INVALID, "%s is not a text file", origin_name);
	while (n) {
		const char *end = memchr(text, '\n', n);
		size_t len = end ? (size_t)(end - text) : n;
		struct err *e = read_line(c, text, len);

		if (e)
			return err_wrap(e, "%s line %zu", origin_name, line);
		len += end != NULL;
		text += len;
		n -= len;
		line++;
	}
	return NULL;
}

struct err *config_read_file(struct config *c, const char *path)
{
	struct str text = STR_INIT;
	struct err *e = config_file_read(path, &text);

	if (!e)
		e = config_read_text(c, path, str_cstr(&text), text.len);
	if (!e)
		config_keep_file(c, path, str_cstr(&text));
	str_clear(&text);
	return e;
}
