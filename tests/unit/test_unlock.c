/* Keystores on disk: written whole and private, found by address, opened by the
 * password that the flags give. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/crypto/keystore.h"
#include "src/node/keydir.h"
#include "src/node/unlock.h"

static char dir[64];
static struct config *config;
static struct str notes;

static void ok(struct err *e)
{
	if (e)
		fail_msg("%s", err_text(e));
}

static void refuses(struct err *e, const char *part)
{
	assert_non_null(e);
	if (!strstr(err_text(e), part))
		fail_msg("\"%s\" is not in \"%s\"", part, err_text(e));
	err_free(e);
}

static void note(void *ctx, const char *text)
{
	(void)ctx;
	str_printf(&notes, "%s\n", text);
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-unlock-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	config = config_new();
	ok(config_set(config, OPT_NETWORK, ORIGIN_FLAG, "devnet"));
	ok(config_set(config, OPT_DATADIR, ORIGIN_FLAG, dir));
	unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	config_free(config);
	str_clear(&notes);
	return nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS);
}

/* A key under this password in <dir>/keystore. */
static char *make_key(const char *password, int64_t now_ms, struct keyfile *k)
{
	char *path, keys[96];

	snprintf(keys, sizeof(keys), "%s/keystore", dir);
	ok(key_create(password, KEY_LIGHT, k));
	ok(keydir_write(keys, k, now_ms, &path));
	return path;
}

static void unlocks(struct eth_addr want)
{
	struct signer *s;

	ok(unlock_signer(config, note, NULL, &s));
	assert_non_null(s);
	assert_true(addr_eq(signer_address(s), want));
	signer_free(s);
}

static void a_file_is_private_and_named_as_geth_names_it(void **state)
{
	struct keyfile k, read;
	char *path = make_key("p", 1577934245123, &k), *again;
	struct str name = STR_INIT;
	struct stat st;

	(void)state;
	str_printf(&name, "%s/keystore/UTC--2020-01-02T03-04-05.123000000Z--", dir);
	str_add_hex(&name, k.address.b, sizeof(k.address.b));
	assert_string_equal(path, name.s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	str_clear(&name);
	str_printf(&name, "%s/keystore", dir);
	assert_int_equal(stat(name.s, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	ok(keydir_read_file(path, &read));
	assert_memory_equal(read.mac, k.mac, sizeof(k.mac));
	/* A file that is there is never replaced. */
	refuses(keydir_write(name.s, &k, 1577934245123, &again), "File exists");
	str_clear(&name);
	free(path);
}

static void the_flags_choose_the_account(void **state)
{
	struct keyfile a, b;
	char *first = make_key("", 1000, &a), *second = make_key("", 2000, &b);
	struct str text = STR_INIT;
	struct signer *s;

	(void)state;
	unlocks(a.address);
	assert_non_null(strstr(notes.s, "2 accounts"));
	addr_fmt(&text, b.address);
	ok(config_set(config, OPT_ETH_ACCT_ADDR, ORIGIN_FLAG, text.s));
	unlocks(b.address);
	ok(config_set(config, OPT_ETH_KEYSTORE_PATH, ORIGIN_FLAG, first));
	refuses(unlock_signer(config, note, NULL, &s), "does not match the address");
	ok(config_set(config, OPT_ETH_KEYSTORE_PATH, ORIGIN_FLAG, second));
	unlocks(b.address);
	str_truncate(&text, text.len - 1);
	str_addc(&text, 'x');
	refuses(config_set(config, OPT_ETH_ACCT_ADDR, ORIGIN_FLAG, text.s),
		"write an Ethereum address");
	str_clear(&text);
	free(first);
	free(second);
}

static void no_account_is_ever_made(void **state)
{
	struct signer *s;

	(void)state;
	refuses(unlock_signer(config, note, NULL, &s), "weir account new");
	ok(config_set(config, OPT_NETWORK, ORIGIN_FLAG, "offchain"));
	ok(unlock_signer(config, note, NULL, &s));
	assert_null(s);
}

static void passwords_come_from_files_flags_and_systemd(void **state)
{
	struct keyfile k;
	char *path = make_key("open sesame", 1, &k), file[96];
	struct signer *s;
	FILE *f;

	(void)state;
	ok(config_set(config, OPT_ETH_PASSWORD, ORIGIN_FLAG, "open sesame"));
	unlocks(k.address);
	assert_non_null(strstr(notes.s, "(ps)"));
	ok(config_set(config, OPT_ETH_PASSWORD, ORIGIN_FLAG, "wrong"));
	refuses(unlock_signer(config, note, NULL, &s), "password is wrong");
	snprintf(file, sizeof(file), "%s/ethPassword", dir);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs("open sesame\n", f);
	fclose(f);
	ok(config_set(config, OPT_ETH_PASSWORD, ORIGIN_FLAG, file));
	unlocks(k.address);
	ok(config_set(config, OPT_ETH_PASSWORD, ORIGIN_FLAG, ""));
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	unlocks(k.address);
	free(path);
}

static void files_that_others_read_are_refused(void **state)
{
	struct keyfile k;
	char *path = make_key("", 1, &k);
	struct signer *s;

	(void)state;
	assert_int_equal(chmod(path, 0640), 0);
	unlocks(k.address);
	assert_non_null(strstr(notes.s, "by its group"));
	assert_int_equal(chmod(path, 0604), 0);
	refuses(unlock_signer(config, note, NULL, &s), "chmod 600");
	free(path);
}

static void junk_beside_the_keys_does_not_matter(void **state)
{
	struct keyfile k;
	char *path = make_key("", 5000, &k), junk[96];
	FILE *f;

	(void)state;
	snprintf(junk, sizeof(junk), "%s/keystore/README", dir);
	f = fopen(junk, "w");
	assert_non_null(f);
	fputs("not a key", f);
	fclose(f);
	unlocks(k.address);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_file_is_private_and_named_as_geth_names_it),
		T(the_flags_choose_the_account),
		T(no_account_is_ever_made),
		T(passwords_come_from_files_flags_and_systemd),
		T(files_that_others_read_are_refused),
		T(junk_beside_the_keys_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
