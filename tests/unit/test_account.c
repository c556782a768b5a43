/* `weir account`, each order by itself; what it says, and that it never says a
 * secret. Full-strength keyfiles take their half second: few are made here. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/crypto/keystore.h"
#include "src/node/account.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

#define KEY "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"
#define ADDRESS "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"

static char dir[64], password[96];
static struct config *config;
static struct str notes, said;

static void note(void *ctx, const char *text)
{
	(void)ctx;
	str_printf(&notes, "%s\n", text);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-account-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	config = config_new();
	ok(config_set(config, OPT_DATADIR, ORIGIN_FLAG, dir));
	snprintf(password, sizeof(password), "%s/password", dir);
	write_file(password, "open sesame\n", 0600);
	unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	config_free(config);
	str_clear(&notes);
	str_clear(&said);
	return scratch_drop(dir);
}

/* Two words at most; NULL: no second one. Leaves `said` and `notes`. */
static struct err *orders(const char *one, const char *two, bool json)
{
	char words[2][128];
	char *list[] = {words[0], words[1]};
	struct account_order o = {
		.config = config,
		.words = list,
		.words_n = two ? 2 : 1,
		.password_file = password,
		.json = json,
	};
	struct err *e;

	snprintf(words[0], sizeof(words[0]), "%s", one);
	snprintf(words[1], sizeof(words[1]), "%s", two ? two : "");
	str_clear(&said);
	str_clear(&notes);
	e = account_run(&o, (struct remarks){note, NULL}, &said);
	assert_null(strstr(str_cstr(&said), "sesame"));
	assert_null(strstr(str_cstr(&notes), "sesame"));
	assert_null(strstr(str_cstr(&said), KEY));
	assert_null(strstr(str_cstr(&notes), KEY));
	assert_null(strstr(err_text(e), "47e179"));
	return e;
}

static void says(const char *part)
{
	if (!strstr(str_cstr(&said), part))
		fail_msg("\"%s\" is not in \"%s\"", part, str_cstr(&said));
}

static void a_new_account_opens(void **state)
{
	char *address;

	(void)state;
	ok(orders("new", NULL, false));
	says("account  0x");
	says("/keystore/UTC--");
	assert_non_null(strstr(notes.s, "keep a copy"));
	address = xstrndup(said.s + strlen("account  "), 42);
	ok(orders("list", NULL, false));
	says(address);
	says("0600");
	ok(orders("check", address, false));
	says(address);
	write_file(password, "open barley", 0600);
	refuses(orders("check", NULL, false), "password of --password-file: the password is "
		"wrong");
	refuses(orders("check", address, false), address);
	free(address);
}

static void a_key_is_brought_in(void **state)
{
	char file[96], keyfile[128];
	struct keyfile k;
	char *path;

	(void)state;
	snprintf(file, sizeof(file), "%s/raw", dir);
	write_file(file, "  0x" KEY "\r\n", 0600);
	ok(orders("import", file, true));
	says("{\"address\":\"" ADDRESS "\",\"keyfile\":\"");
	assert_non_null(strstr(notes.s, "shred"));
	refuses(orders("import", file, false), "there already");
	/* A keyfile goes as it is, with its own password. */
	snprintf(keyfile, sizeof(keyfile), "%s/elsewhere", dir);
	ok(key_create("its own", KEY_LIGHT, &k));
	ok(keydir_write(keyfile, &k, 1, &path));
	ok(orders("import", path, false));
	ok(orders("list", NULL, false));
	says(ADDRESS);
	write_file(password, "its own", 0600);
	ok(orders("check", path, false));
	free(path);
}

static void what_is_no_key_is_not_brought_in(void **state)
{
	static const char *const texts[] = {"", KEY "0", "47e179", "{\"address\":47e179",
		"47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926g"};
	char file[96];

	(void)state;
	snprintf(file, sizeof(file), "%s/raw", dir);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		write_file(file, texts[i], 0600);
		refuses(orders("import", file, false), "neither a keyfile nor a private key");
	}
	write_file(file, "0000000000000000000000000000000000000000000000000000000000000000",
		0600);
	refuses(orders("import", file, false), "no private key");
	refuses(orders("import", "/nonexistent", false), "No such file");
}

static void a_list_tells_what_is_wrong(void **state)
{
	char file[96], *path;
	struct keyfile k;

	(void)state;
	ok(orders("list", NULL, true));
	assert_string_equal(said.s, "[]\n");
	assert_non_null(strstr(notes.s, "no keyfiles in"));
	snprintf(file, sizeof(file), "%s/keystore", dir);
	ok(key_create("", KEY_LIGHT, &k));
	ok(keydir_write(file, &k, 1, &path));
	assert_int_equal(chmod(path, 0644), 0);
	snprintf(file, sizeof(file), "%s/keystore/notes", dir);
	write_file(file, KEY, 0600);
	ok(orders("list", NULL, false));
	says("0644");
	says("not usable: keyfile");
	says("(no address)");
	says("not JSON");
	ok(orders("list", NULL, true));
	says("\"mode\":\"0644\",\"problem\":\"keyfile ");
	free(path);
}

static void nonsense_is_told_how(void **state)
{
	struct account_order nothing = {.config = config};

	(void)state;
	refuses(orders("make", NULL, false), "weir account new | list");
	refuses(orders("new", "more", false), "weir account new | list");
	refuses(account_run(&nothing, (struct remarks){note, NULL}, &said),
		"weir account new | list");
	write_file(password, "", 0644);
	refuses(orders("check", NULL, false), "no keyfile of an account");
}

static void passwords_in_the_open_are_told(void **state)
{
	(void)state;
	write_file(password, "", 0644);
	ok(orders("new", NULL, false));
	assert_non_null(strstr(notes.s, "chmod 600"));
	assert_non_null(strstr(notes.s, "the password is empty"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_new_account_opens),
		T(a_key_is_brought_in),
		T(what_is_no_key_is_not_brought_in),
		T(a_list_tells_what_is_wrong),
		T(nonsense_is_told_how),
		T(passwords_in_the_open_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
