/* Keystores on disk: written whole and private, found by address, opened by the
 * password that the flags give. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/keyfile_codec.h"
#include "src/crypto/keystore.h"
#include "src/node/keydir.h"
#include "src/node/unlock.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

static char dir[64];
static struct config *config;
static struct str notes;

static void note(void *ctx, const char *text)
{
	(void)ctx;
	str_printf(&notes, "%s\n", text);
}

static const struct remarks remarks = {note, NULL};

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

static int teardown(void **state)
{
	(void)state;
	config_free(config);
	str_clear(&notes);
	return scratch_drop(dir);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* Hidden ones too: what is left of a write counts. */
static int files_in(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	int n = 0;

	assert_non_null(d);
	while ((entry = readdir(d)))
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(d);
	return n;
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

	ok(unlock_signer(config, remarks, &s));
	assert_non_null(s);
	assert_true(addr_eq(signer_address(s), want));
	signer_free(s);
}

static void a_file_is_private_and_named_as_geth_names_it(void **state)
{
	struct keyfile k, other;
	struct keydir_entry read;
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
	assert_null(read.broken);
	assert_int_equal(read.mode, 0600);
	assert_memory_equal(&read.key, &k, sizeof(k));
	keydir_entry_clear(&read);
	/* A second file of one account would be one too many. */
	refuses(keydir_write(name.s, &k, 1577934245124, &again), path);
	/* And a file that is there is never replaced. */
	ok(key_create("p", KEY_LIGHT, &other));
	other.address = k.address;
	write_file(path, "no key");
	refuses(keydir_write(name.s, &other, 1577934245123, &again), "File exists");
	ok(keydir_read_file(path, &read));
	assert_non_null(read.broken);
	keydir_entry_clear(&read);
	assert_int_equal(files_in(name.s), 1);
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
	refuses(unlock_signer(config, remarks, &s), "does not match the address");
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
	refuses(unlock_signer(config, remarks, &s), "weir account new");
	ok(config_set(config, OPT_NETWORK, ORIGIN_FLAG, "offchain"));
	ok(unlock_signer(config, remarks, &s));
	assert_null(s);
	assert_int_equal(notes.len, 0);
	ok(config_set(config, OPT_ETH_PASSWORD, ORIGIN_FLAG, "unused"));
	ok(unlock_signer(config, remarks, &s));
	assert_non_null(strstr(notes.s, "-ethPassword is not used"));
}

static void passwords_come_from_files_flags_and_systemd(void **state)
{
	struct keyfile k;
	char *path = make_key("open sesame", 1, &k), file[96];
	struct signer *s;

	(void)state;
	ok(config_set(config, OPT_ETH_PASSWORD, ORIGIN_FLAG, "open sesame"));
	unlocks(k.address);
	assert_non_null(strstr(notes.s, "(ps)"));
	ok(config_set(config, OPT_ETH_PASSWORD, ORIGIN_FLAG, "wrong"));
	refuses(unlock_signer(config, remarks, &s), "password is wrong");
	refuses(unlock_signer(config, remarks, &s), "names no file");
	refuses(unlock_signer(config, remarks, &s), path);
	assert_null(strstr(notes.s, "sesame"));
	snprintf(file, sizeof(file), "%s/ethPassword", dir);
	write_file(file, "\n open sesame\t\n");
	ok(config_set(config, OPT_ETH_PASSWORD, ORIGIN_FLAG, file));
	str_clear(&notes);
	unlocks(k.address);
	assert_non_null(strstr(notes.s, "chmod 600"));
	assert_int_equal(chmod(file, 0600), 0);
	str_clear(&notes);
	unlocks(k.address);
	assert_int_equal(notes.len, 0);
	ok(config_set(config, OPT_ETH_PASSWORD, ORIGIN_FLAG, ""));
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	unlocks(k.address);
	write_file(file, "open barley");
	refuses(unlock_signer(config, remarks, &s), "systemd's credential");
	free(path);
}

static void files_that_others_read_are_refused(void **state)
{
	struct keyfile k;
	char *path = make_key("", 1, &k), keys[96];
	struct signer *s;

	(void)state;
	assert_int_equal(chmod(path, 0640), 0);
	unlocks(k.address);
	assert_non_null(strstr(notes.s, "by its group"));
	assert_int_equal(chmod(path, 0604), 0);
	refuses(unlock_signer(config, remarks, &s), "chmod 600");
	assert_int_equal(chmod(path, 0602), 0);
	refuses(unlock_signer(config, remarks, &s), "chmod 600");
	assert_int_equal(chmod(path, 0600), 0);
	snprintf(keys, sizeof(keys), "%s/keystore", dir);
	assert_int_equal(chmod(keys, 0777), 0);
	refuses(unlock_signer(config, remarks, &s), "chmod 700");
	assert_int_equal(chmod(keys, 01777), 0);
	unlocks(k.address);
	free(path);
}

/* What go-livepeer would take is taken, or nothing: never another account because
 * the first one's file is broken. */
static void a_broken_file_is_not_passed_over(void **state)
{
	struct keyfile a, b;
	char *first = make_key("", 1000, &a), *second = make_key("", 2000, &b);
	struct str text = STR_INIT;
	struct signer *s;

	(void)state;
	a.n = 1 << 30;
	keyfile_encode(&a, &text);
	write_file(first, text.s);
	refuses(unlock_signer(config, remarks, &s), "512 MiB");
	refuses(unlock_signer(config, remarks, &s), first);
	/* The other one may be chosen. */
	str_truncate(&text, 0);
	addr_fmt(&text, b.address);
	ok(config_set(config, OPT_ETH_ACCT_ADDR, ORIGIN_FLAG, text.s));
	unlocks(b.address);
	str_clear(&text);
	free(first);
	free(second);
}

static void junk_beside_the_keys_does_not_matter(void **state)
{
	static const char *const junk[] = {"README", "AAA", ".hidden", "UTC--0~"};
	struct keyfile k;
	char *path = make_key("", 5000, &k), name[96];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
		snprintf(name, sizeof(name), "%s/keystore/%s", dir, junk[i]);
		write_file(name, i < 2 ? "not a key" : "");
	}
	snprintf(name, sizeof(name), "%s/keystore/pipe", dir);
	assert_int_equal(mkfifo(name, 0600), 0);
	unlocks(k.address);
	assert_int_equal(notes.len, 0);
	free(path);
}

/* The key is in the directory of an older release. */
static void a_key_nearby_is_pointed_at(void **state)
{
	struct keyfile k;
	char *path = make_key("", 1, &k), deeper[96], keys[96];
	struct signer *s;

	(void)state;
	snprintf(deeper, sizeof(deeper), "%s/mainnet", dir);
	snprintf(keys, sizeof(keys), "%s/keystore", dir);
	ok(config_set(config, OPT_DATADIR, ORIGIN_FLAG, deeper));
	refuses(unlock_signer(config, remarks, &s), "weir account new");
	refuses(unlock_signer(config, remarks, &s), keys);
	ok(config_set(config, OPT_ETH_KEYSTORE_PATH, ORIGIN_FLAG, "/nonexistent"));
	refuses(unlock_signer(config, remarks, &s), "was not found: /nonexistent");
	ok(config_set(config, OPT_ETH_KEYSTORE_PATH, ORIGIN_FLAG, keys));
	unlocks(k.address);
	free(path);
}

/* Named itself, it is opened itself; its address is checked after that. */
static void a_file_without_an_address(void **state)
{
	struct keyfile k;
	char *path = make_key("", 1, &k), file[96];
	struct eth_addr address;
	struct str text = STR_INIT;
	struct signer *s;

	(void)state;
	address = k.address;
	k.has_address = false;
	keyfile_encode(&k, &text);
	snprintf(file, sizeof(file), "%s/bare.json", dir);
	write_file(file, text.s);
	assert_int_equal(chmod(file, 0600), 0);
	ok(config_set(config, OPT_ETH_KEYSTORE_PATH, ORIGIN_FLAG, file));
	unlocks(address);
	str_truncate(&text, 0);
	addr_fmt(&text, address);
	ok(config_set(config, OPT_ETH_ACCT_ADDR, ORIGIN_FLAG, text.s));
	unlocks(address);
	ok(config_set(config, OPT_ETH_ACCT_ADDR, ORIGIN_FLAG,
		"0x0000000000000000000000000000000000000001"));
	refuses(unlock_signer(config, remarks, &s), "another address");
	/* In a directory it is no account, since nobody knows whose. */
	ok(config_set(config, OPT_ETH_ACCT_ADDR, ORIGIN_FLAG, ""));
	ok(config_set(config, OPT_ETH_KEYSTORE_PATH, ORIGIN_FLAG, dir));
	refuses(unlock_signer(config, remarks, &s), "no keyfile of an account");
	str_clear(&text);
	free(path);
}

static void a_mistyped_account_is_told(void **state)
{
	struct keyfile k;
	char *path = make_key("", 1, &k);
	struct signer *s;

	(void)state;
	ok(config_set(config, OPT_ETH_ACCT_ADDR, ORIGIN_FLAG,
		"0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
	refuses(unlock_signer(config, remarks, &s), "EIP-55");
	ok(config_set(config, OPT_ETH_ACCT_ADDR, ORIGIN_FLAG,
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
	refuses(unlock_signer(config, remarks, &s), "weir account list");
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
		T(a_broken_file_is_not_passed_over),
		T(a_key_nearby_is_pointed_at),
		T(a_file_without_an_address),
		T(a_mistyped_account_is_told),
		T(junk_beside_the_keys_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
