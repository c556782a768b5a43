/* Bytes of a terminal as keys; what is no key of anybody's is none. */
#include "ui/keyseq.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* The keys of the bytes, then of a pause, as names with blanks between. */
static void keys_of(struct keyseq *k, const char *bytes, struct str *out)
{
	int key, found[KEYSEQ_OUT];

	str_truncate(out, 0);
	for (; *bytes; bytes++) {
		size_t n = keyseq_feed(k, *bytes, found);

		for (size_t i = 0; i < n; i++) {
			if (found[i] == K_ANSWER)
				str_add(out, "answer");
			else
				key_text(found[i], out);
			str_addc(out, ' ');
		}
	}
	key = keyseq_expire(k);
	if (key)
		key_text(key, out);
}

static void check(const char *bytes, const char *keys)
{
	struct keyseq k = {0};
	struct str s = STR_INIT;

	keyseq_learn(&k, "\033OA", K_UP);
	keyseq_learn(&k, "\033A", K_PAGE_UP); /* as VT52s do */
	keyseq_learn(&k, "\b", K_DELETE);     /* no sequence: Backspace */
	keys_of(&k, bytes, &s);
	while (s.len && s.s[s.len - 1] == ' ')
		str_truncate(&s, s.len - 1);
	assert_string_equal(str_cstr(&s), keys);
	assert_false(keyseq_is_begun(&k));
	str_clear(&s);
}

static void plain_keys(void **state)
{
	(void)state;
	check("aZ\r\n\t\b\177", "a Z Enter Enter Tab Backspace Backspace");
	check("\303\244\346\235\261", "\303\244 \346\235\261");
	check("\001\032", "^A ^Z");
}

/* What xterm's mode 1006 tells, and nothing that only looks like it. */
static void the_mouse(void **state)
{
	static const struct {
		const char *bytes;
		int key;
	} said[] = {
		{"\033[<0;1;1M", K_MOUSE(MOUSE_CLICK, 0, 0)},
		{"\033[<0;10;3M", K_MOUSE(MOUSE_CLICK, 9, 2)},
		{"\033[<4;10;3M", K_MOUSE(MOUSE_CLICK, 9, 2)},
		{"\033[<64;200;60M", K_MOUSE(MOUSE_WHEEL_UP, 199, 59)},
		{"\033[<65;1000;999M", K_MOUSE(MOUSE_WHEEL_DOWN, 999, 998)},
		{"\033[<0;10;3m", K_NONE}, {"\033[<1;10;3M", K_NONE}, {"\033[<35;10;3M", K_NONE},
		{"\033[<0;0;3M", K_NONE}, {"\033[<0;99999;3M", K_NONE}, {"\033[<0;1M", K_NONE},
		{"\033[<;;M", K_NONE}, {"\033[<0;1;1;1M", K_NONE},
		{"\033[<0;1;11111111111111111111M", K_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		int out[KEYSEQ_OUT], key = K_NONE, x, y;
		struct keyseq k = {0};

		for (const char *p = said[i].bytes; *p; p++)
			if (keyseq_feed(&k, *p, out))
				key = key ? -1 : out[0];
		if (key != said[i].key)
			fail_msg("%s: key %x", said[i].bytes + 1, key);
		assert_int_equal(!key_mouse(key, &x, &y), key == K_NONE);
		assert_false(keyseq_is_begun(&k));
	}
}

static void sequences(void **state)
{
	(void)state;
	check("\033[A\033OA\033[B\033OC", "Up Up Down Right");
	check("\033A", "PgUp");
	check("\033[5~\033[6~\033[3~\033[1~\033[4~\033[Z",
		"PgUp PgDn Del Home End S-Tab");
	check("\033OP\033[[A\033[11~", "F1 F1 F1");
	check("\033[0nx", "answer x");
}

static void escape(void **state)
{
	(void)state;
	check("\033", "Esc");
	check("\033\033", "Esc Esc");
	check("\033q", "Esc q");
	check("\033\033[A", "Esc Up");
	check("\033\303\244", "Esc \303\244");
}

/* Their letters would be commands. */
static void strangers_are_no_keys(void **state)
{
	(void)state;
	check("\033[I\033[O\033[200~\033[1;5A\033[15;2~d", "d");
	check("\033[99;99;99;99;99;99;99;99;99Rq", "q");
	check("\033[<35;20;7Mq", "q");
	check("\033[", "");
	check("\033O", "");
	check("\033[1\003", "^C");
	check("\033[1\033[A", "Up");
	check("\377\300\200\240q", "q");
	check("\342\202q", "q");
	check("\302\233q", "q"); /* C1, as UTF-8 */
	check("\355\240\200q", "q");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_keys),
		cmocka_unit_test(the_mouse),
		cmocka_unit_test(sequences),
		cmocka_unit_test(escape),
		cmocka_unit_test(strangers_are_no_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
