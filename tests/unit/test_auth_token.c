#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "src/crypto/auth_token.h"

static uint8_t key[AUTH_KEY_SIZE];

static int setup(void **state)
{
	(void)state;
	for (uint8_t i = 0; i < sizeof(key); i++)
		key[i] = i;
	return 0;
}

static void test_vector(void **state) /* G7 */
{
	struct auth_token t;
	struct str s = STR_INIT;

	(void)state;
	auth_token_make(&t, key, "deadbeef", 1600000000);
	str_add_hex(&s, t.token, t.token_len);
	assert_string_equal(s.s, "12172486fd27d64d6c5f7847131476149f9b63882a2"
		"3ab5cd99f5cb890f42ad2");
	str_clear(&s);
}

static void expect(const struct auth_token *t, int64_t now, const char *text)
{
	struct err *e = auth_token_verify(t, key, now);

	assert_string_equal(err_text(e), text);
	err_free(e);
}

static void test_life(void **state)
{
	struct auth_token t, u;

	(void)state;
	auth_token_issue(&t, key, 1000);
	auth_token_issue(&u, key, 1000);
	assert_int_equal(strlen(t.session_id), 8);
	assert_string_not_equal(t.session_id, u.session_id);
	assert_int_equal(t.expiration, 2800);
	expect(&t, 1000, "ok");
	expect(&t, 2800, "ok");
	expect(&t, 2801, "expired auth token");
	assert_false(auth_token_needs_refresh(&t, 2620));
	assert_true(auth_token_needs_refresh(&t, 2621));
}

static void test_forgery(void **state)
{
	struct auth_token t, bad;

	(void)state;
	auth_token_issue(&t, key, 1000);
	bad = t;
	bad.present = false;
	expect(&bad, 1000, "missing auth token");
	bad = t;
	bad.expiration++;
	expect(&bad, 1000, "invalid auth token");
	bad = t;
	bad.session_id[0] ^= 1;
	expect(&bad, 1000, "invalid auth token");
	bad = t;
	bad.token_len--;
	expect(&bad, 1000, "invalid auth token");
	bad = t;
	bad.token[31] ^= 0x80;
	/* An expired forgery is a forgery. */
	expect(&bad, 99999, "invalid auth token");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_forgery),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
