#include "ui/say.h"

#include "src/base/str.h"

#include <string.h>

void say_lines(FILE *to, const char *text)
{
	struct str s = STR_INIT;

	while (*text) {
		size_t n = strcspn(text, "\n");

		str_truncate(&s, 0);
		str_add_safe(&s, text, n, n);
		fprintf(to, "%s\n", str_cstr(&s));
		text += n + (text[n] == '\n');
	}
	str_clear(&s);
}

int say_error(struct err *taken, int code)
{
	struct str s = STR_INIT;

	str_printf(&s, "weir: %s", err_text(taken));
	say_lines(stderr, s.s);
	str_clear(&s);
	err_free(taken);
	return code;
}

/* Of the basic plane, or as a pair. */
static void add_escaped(struct str *out, uint32_t ch)
{
	if (ch >= 0x10000) {
		str_printf(out, "\\u%04x", 0xd800 + ((ch - 0x10000) >> 10));
		ch = 0xdc00 + (ch & 0x3ff);
	}
	str_printf(out, "\\u%04x", ch);
}

void say_json(FILE *to, const char *json, size_t n)
{
	struct str s = STR_INIT;
	const char *end = json + n;

	while (json < end) {
		uint32_t ch;
		size_t len = utf8_decode(json, (size_t)(end - json), &ch);

		/* White space between values is JSON's own. */
		if (len == 1 && strchr("\n\t", *json))
			str_addc(&s, *json);
		else if (len && !text_is_unsafe(ch))
			str_addn(&s, json, len);
		else
			add_escaped(&s, len ? ch : 0xfffd);
		json += len ? len : 1;
	}
	fwrite(str_cstr(&s), 1, s.len, to);
	str_clear(&s);
}
