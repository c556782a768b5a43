#include "src/migrate/old_words.h"

#include <stdlib.h>
#include <string.h>

#define VARIABLES_MAX 256

struct variable {
	char *name, *value; /* owned */
};

/* Reads one command after the other; words are those of the current one. */
struct lexer {
	const char *p, *end;
	bool shell; /* else systemd's quoting */
	bool in_word;
	struct str word;
	struct old_words words;
	struct variable vars[VARIABLES_MAX];
	size_t n_vars;
	struct err *e; /* the first thing that was wrong */
};

void old_words_clear(struct old_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct old_words){ .n = 0 };
}

static void lexer_clear(struct lexer *x)
{
	str_clear(&x->word);
	old_words_clear(&x->words);
	for (size_t i = 0; i < x->n_vars; i++) {
		free(x->vars[i].name);
		free(x->vars[i].value);
	}
	err_free(x->e);
}

static void fail(struct lexer *x, struct err *taken)
{
	if (x->e)
		err_free(taken);
	else
		x->e = taken;
	x->p = x->end;
}

/* --- words --- */

/* After an error there is nothing more to read. */
static void next_byte(struct lexer *x)
{
	if (x->p < x->end)
		x->p++;
}

static void add_byte(struct lexer *x, char c)
{
	x->in_word = true;
	if (x->word.len == OLD_WORD_MAX)
		fail(x, err_new(ERR_LIMIT, "a word has more than %d bytes", OLD_WORD_MAX));
	else
		str_addc(&x->word, c);
}

static void push(struct old_words *w, const char *word)
{
	w->v = xrealloc_array(w->v, w->n + 1, sizeof(*w->v));
	w->v[w->n++] = xstrdup(word);
}

static void end_word(struct lexer *x)
{
	if (!x->in_word)
		return;
	if (x->words.n == OLD_WORDS_MAX)
		fail(x, err_new(ERR_LIMIT, "a command has more than %d words", OLD_WORDS_MAX));
	else
		push(&x->words, str_cstr(&x->word));
	str_truncate(&x->word, 0);
	x->in_word = false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name_byte(char c, bool first)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(!first && c >= '0' && c <= '9');
}

static size_t name_length(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && is_name_byte(p[n], n == 0))
		n++;
	return n;
}

static const char *find_variable(const struct lexer *x, const char *name, size_t n)
{
	for (size_t i = x->n_vars; i-- > 0;)
		if (strlen(x->vars[i].name) == n && memcmp(x->vars[i].name, name, n) == 0)
			return x->vars[i].value;
	return NULL;
}

/* "NAME=value" becomes a variable; false: it is no such word. */
static bool assign(struct lexer *x, const char *word)
{
	size_t n = name_length(word, word + strlen(word));

	if (!n || word[n] != '=')
		return false;
	if (x->n_vars == VARIABLES_MAX) {
		fail(x, err_new(ERR_LIMIT, "more than %d variables are set", VARIABLES_MAX));
		return true;
	}
	x->vars[x->n_vars++] = (struct variable){ xstrndup(word, n), xstrdup(word + n + 1) };
	return true;
}

/* At a '$'. An unknown one stays as it is, so that a reader sees it. */
static void expand(struct lexer *x, bool quoted)
{
	bool braces = x->p + 1 < x->end && x->p[1] == '{';
	const char *name = x->p + 1 + braces, *value;
	size_t n = name_length(name, x->end);
	bool whole = n && (!braces || (name + n < x->end && name[n] == '}'));
	bool split = !quoted && (x->shell || (!braces && !x->in_word));

	value = whole ? find_variable(x, name, n) : NULL;
	if (!value) {
		add_byte(x, '$');
		next_byte(x);
		return;
	}
	x->p = name + n + braces;
	for (; *value && !x->e; value++)
		if (split && is_blank(*value))
			end_word(x);
		else
			add_byte(x, *value);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* systemd's escapes, after the backslash. */
static void unescape(struct lexer *x)
{
	static const char from[] = "abfnrtvs", to[] = "\a\b\f\n\r\t\v ";
	const char *at = *x->p ? strchr(from, *x->p) : NULL;

	if (x->p[0] == 'x' && x->end - x->p > 2 && hex_digit(x->p[1]) >= 0 &&
		hex_digit(x->p[2]) >= 0 && (hex_digit(x->p[1]) || hex_digit(x->p[2]))) {
		char c = (char)(hex_digit(x->p[1]) * 16 + hex_digit(x->p[2]));

		x->p += 3;
		add_byte(x, c);
		return;
	}
	add_byte(x, at ? to[at - from] : *x->p);
	next_byte(x);
}

/* At a backslash outside of single quotes of the shell. */
static void escape(struct lexer *x, char quote)
{
	if (++x->p == x->end)
		return;
	if (*x->p == '\n') {
		x->p++;
		return;
	}
	if (!x->shell) {
		unescape(x);
		return;
	}
	if (quote && !strchr("\"\\$`", *x->p))
		add_byte(x, '\\');
	add_byte(x, *x->p);
	next_byte(x);
}

static void plain(struct lexer *x)
{
	add_byte(x, *x->p);
	next_byte(x);
}

static void quoted(struct lexer *x)
{
	char quote = *x->p++;

	x->in_word = true;
	while (x->p < x->end && *x->p != quote) {
		if (*x->p == '\\' && !(x->shell && quote == '\''))
			escape(x, quote);
		else if (*x->p == '$' && !(x->shell && quote == '\''))
			expand(x, true);
		else
			plain(x);
	}
	if (x->e)
		return;
	if (x->p == x->end)
		fail(x, err_new(ERR_INVALID, "a quote (%c) is not closed", quote));
	else
		x->p++;
}

/* One step within a word, or to its beginning. */
static void step(struct lexer *x)
{
	switch (*x->p) {
	case '\'':
	case '"':
		quoted(x);
		break;
	case '\\':
		escape(x, 0);
		break;
	case '$':
		expand(x, false);
		break;
	default:
		plain(x);
	}
}

/* --- commands --- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "livepeer", "livepeer-0.3.3", "livepeer_linux"; not livepeer_cli. */
static bool is_livepeer(const char *word)
{
	const char *name = base_name(word);

	return str_has_prefix(name, "livepeer") && !str_has_prefix(name, "livepeer_cli") &&
		!str_has_suffix(name, ".service") && !str_has_suffix(name, ".sh") &&
		!str_has_suffix(name, ".log") && !strchr(name, '=');
}

static bool runs_others(const char *word)
{
	static const char *const names[] = { "sudo", "nohup", "exec", "env", "time", "nice",
		"ionice", "setsid", "screen", "tmux", "stdbuf", "do", "then", "else", "{", "!",
		"if", "while", "until", "chrt", "taskset", "su", "runuser", "doas", "command" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(base_name(word), names[i]) == 0)
			return true;
	return false;
}

static bool is_shell(const char *word)
{
	const char *name = base_name(word);

	return strcmp(name, "sh") == 0 || strcmp(name, "bash") == 0 || strcmp(name, "dash") == 0;
}

/* Moves the words from `first` on into *out. */
static void give(struct lexer *x, size_t first, struct old_words *out)
{
	for (size_t i = first; i < x->words.n; i++)
		push(out, x->words.v[i]);
}

/* Takes variables off the front of a command, and finds the livepeer in it:
 * where it is, or SIZE_MAX. */
static size_t find_program(struct lexer *x)
{
	size_t i = 0;

	while (i < x->words.n && (strcmp(x->words.v[i], "export") == 0 ||
		assign(x, x->words.v[i])))
		i++;
	if (i < x->words.n && is_livepeer(x->words.v[i]))
		return i;
	if (i == x->words.n || !runs_others(x->words.v[i]))
		return SIZE_MAX;
	for (i++; i < x->words.n; i++)
		if (is_livepeer(x->words.v[i]))
			return i;
	return SIZE_MAX;
}

static struct err *check_text(const char *text, size_t n)
{
	if (n > OLD_TEXT_MAX)
		return err_new(ERR_LIMIT, "more than %d bytes", OLD_TEXT_MAX);
	if (memchr(text, '\0', n))
		return err_new(ERR_INVALID, "it is no text");
	return NULL;
}

static struct err *not_found(void)
{
	return err_new(ERR_NOT_FOUND, "no livepeer is started there");
}

struct err *old_words_of_cmdline(const char *bytes, size_t n, struct old_words *out)
{
	*out = (struct old_words){ .n = 0 };
	if (n > OLD_TEXT_MAX)
		return err_new(ERR_LIMIT, "more than %d bytes", OLD_TEXT_MAX);
	while (n && out->n < OLD_WORDS_MAX) {
		size_t len = strnlen(bytes, n);
		char *word = xstrndup(bytes, len < OLD_WORD_MAX ? len : OLD_WORD_MAX);

		push(out, word);
		free(word);
		len += len < n;
		bytes += len;
		n -= len;
	}
	if (!n && out->n)
		return NULL;
	old_words_clear(out);
	return n ? err_new(ERR_LIMIT, "more than %d words", OLD_WORDS_MAX) : not_found();
}

/* --- a shell script --- */

/* A redirection, its operand and the number before it are none of the words. */
static void skip_redirection(struct lexer *x)
{
	if (x->in_word && strspn(str_cstr(&x->word), "0123456789") == x->word.len) {
		str_truncate(&x->word, 0);
		x->in_word = false;
	}
	end_word(x);
	while (x->p < x->end && strchr("<>&", *x->p))
		x->p++;
	while (x->p < x->end && (*x->p == ' ' || *x->p == '\t'))
		x->p++;
	while (x->p < x->end && !is_blank(*x->p) && !strchr(";&|()", *x->p))
		step(x);
	str_truncate(&x->word, 0);
	x->in_word = false;
}

/* Up to the end of one command; its words are in x->words. */
static void read_command(struct lexer *x)
{
	while (x->p < x->end) {
		char c = *x->p;

		if (c == '#' && !x->in_word) {
			while (x->p < x->end && *x->p != '\n')
				x->p++;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			end_word(x);
			next_byte(x);
		} else if (strchr("\n;&|()", c)) {
			x->p++;
			break;
		} else if (c == '<' || c == '>') {
			skip_redirection(x);
		} else {
			step(x);
		}
	}
	end_word(x);
}

static struct err *shell_within(const char *text, struct old_words *out);

/* `sh -c "livepeer ..."` and the like. */
static struct err *look_into_shell(struct lexer *x, struct old_words *out)
{
	for (size_t i = 1; i + 1 < x->words.n && x->words.n && is_shell(x->words.v[0]); i++)
		if (x->words.v[i][0] == '-' && str_has_suffix(x->words.v[i], "c"))
			return shell_within(x->words.v[i + 1], out);
	return NULL;
}

static struct err *read_shell(const char *text, size_t n, bool deeper, struct old_words *out)
{
	struct lexer x = { .p = text, .end = text + n, .shell = true };
	bool first = true;
	struct err *e = NULL;

	while (x.p < x.end && !x.e && !e && !out->n) {
		size_t at;

		read_command(&x);
		if (first && x.words.n && x.words.v[0][0] == '-') {
			push(out, "");
			give(&x, 0, out);
		}
		first = first && !x.words.n;
		at = find_program(&x);
		if (at != SIZE_MAX && !out->n)
			give(&x, at, out);
		if (deeper && !out->n)
			e = look_into_shell(&x, out);
		old_words_clear(&x.words);
	}
	if (!e && x.e)
		e = TAKE(x.e);
	lexer_clear(&x);
	return e;
}

static struct err *shell_within(const char *text, struct old_words *out)
{
	return read_shell(text, strlen(text), false, out);
}

/* What was found, or why nothing was. */
static struct err *result(struct err *e, struct old_words *out)
{
	if (!e && !out->n)
		e = not_found();
	if (e)
		old_words_clear(out);
	return e;
}

struct err *old_words_of_shell(const char *text, size_t n, struct old_words *out)
{
	struct err *e = check_text(text, n);

	*out = (struct old_words){ .n = 0 };
	if (!e)
		e = read_shell(text, n, true, out);
	return result(e, out);
}

/* --- a systemd unit --- */

/* One line with those that continue it, without its end. */
static bool unit_line(const char **p, const char *end, struct str *out)
{
	bool more = true;

	str_truncate(out, 0);
	if (*p == end)
		return false;
	while (*p < end && more) {
		const char *line = *p, *stop = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((stop ? stop : end) - line);
		size_t blank = 0;

		*p = stop ? stop + 1 : end;
		while (blank < n && is_blank(line[blank]))
			blank++;
		/* A comment does not end what it stands in. */
		if (blank < n && (line[blank] == '#' || line[blank] == ';')) {
			more = out->len > 0;
			continue;
		}
		while (n && is_blank(line[n - 1]))
			n--;
		more = n && line[n - 1] == '\\';
		str_addn(out, line + (blank < n ? blank : n), n > blank ? n - blank - more : 0);
		if (more)
			str_addc(out, ' ');
	}
	return true;
}

/* "Key = value": where the value begins, or NULL. */
static const char *unit_value(const char *line, const char *key)
{
	size_t n = strlen(key);

	if (strncmp(line, key, n) != 0)
		return NULL;
	line += n;
	line += strspn(line, " \t");
	return *line == '=' ? line + 1 + strspn(line + 1, " \t") : NULL;
}

static void read_words(struct lexer *x, const char *text)
{
	x->p = text;
	x->end = text + strlen(text);
	while (x->p < x->end)
		if (is_blank(*x->p)) {
			end_word(x);
			x->p++;
		} else {
			step(x);
		}
	end_word(x);
}

static void set_environment(struct lexer *x, const char *text)
{
	read_words(x, text);
	for (size_t i = 0; i < x->words.n; i++)
		(void)assign(x, x->words.v[i]);
	old_words_clear(&x->words);
}

static struct err *read_exec(struct lexer *x, const char *text, struct old_words *out)
{
	struct old_words found = { .n = 0 };
	bool named = false;
	struct err *e = NULL;

	for (; *text && strchr("@-:+!|", *text); text++)
		named |= *text == '@';
	read_words(x, text);
	if (x->words.n && is_livepeer(x->words.v[0]))
		give(x, 0, &found);
	else if (x->words.n && runs_others(x->words.v[0]) && find_program(x) != SIZE_MAX)
		give(x, find_program(x), &found);
	else
		e = look_into_shell(x, &found);
	/* After "@" the second word is what the program is told it is called. */
	if (named && found.n > 1) {
		free(found.v[1]);
		memmove(&found.v[1], &found.v[2], (found.n - 2) * sizeof(*found.v));
		found.n--;
	}
	old_words_clear(&x->words);
	if (found.n) {
		old_words_clear(out);
		*out = found;
	}
	return e;
}

static struct err *read_unit(const char *text, size_t n, struct old_words *out)
{
	struct lexer x = { .p = NULL };
	struct str line = STR_INIT;
	struct err *e = NULL;

	for (int pass = 0; pass < 2 && !e; pass++) {
		const char *p = text;

		while (!e && !x.e && unit_line(&p, text + n, &line)) {
			const char *value = unit_value(str_cstr(&line),
				pass ? "ExecStart" : "Environment");

			if (!value)
				continue;
			if (!pass)
				set_environment(&x, value);
			else if (!*value)
				old_words_clear(out);
			else
				e = read_exec(&x, value, out);
		}
	}
	if (!e && x.e)
		e = TAKE(x.e);
	str_clear(&line);
	lexer_clear(&x);
	return e;
}

struct err *old_words_of_unit(const char *text, size_t n, struct old_words *out)
{
	struct err *e = check_text(text, n);

	*out = (struct old_words){ .n = 0 };
	if (!e)
		e = read_unit(text, n, out);
	return result(e, out);
}
