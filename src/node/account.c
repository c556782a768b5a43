#include "src/node/account.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/json_scan.h"
#include "src/base/clock.h"
#include "src/base/secret.h"
#include "src/crypto/ec.h"
#include "src/crypto/keystore.h"
#include "src/node/passphrase.h"

#define KEY_SIZE KEYFILE_KEY_SIZE
#define MODE_BITS 0777

/* --- what is told --- */

/* "a":"b" */
static void add_member(struct str *out, const char *key, const char *text)
{
	json_add_text(out, key);
	str_addc(out, ':');
	json_add_text(out, text);
}

static void tell_account(const struct account_order *o, struct eth_addr address,
	const char *path, struct str *out)
{
	char name[EC_ADDR_TEXT_SIZE];

	ec_address_text(name, address.b);
	if (!o->json) {
		str_printf(out, "account  %s\nkeyfile  %s\n", name, path);
		return;
	}
	str_addc(out, '{');
	add_member(out, "address", name);
	str_addc(out, ',');
	add_member(out, "keyfile", path);
	str_add(out, "}\n");
}

/* --- passwords --- */

static struct err *given_password(const struct account_order *o, struct remarks r,
	char **out, const char **whence)
{
	*whence = "--password-file";
	return o->password_file ? unlock_password_file(o->password_file, r, out) :
		unlock_password(o->config, r, out, whence);
}

static struct err *new_password(const struct account_order *o, struct remarks r,
	char **out)
{
	const char *whence;
	struct err *e = given_password(o, r, out, &whence);

	if (!e && !*out && !passphrase_can_ask())
		return err_new(ERR_DENIED, "there is no terminal to ask for a password on: give "
			"--password-file the name of a file that holds it");
	if (!e && !*out)
		e = passphrase_ask_new(out);
	if (!e && !**out)
		r.fn(r.ctx, "the password is empty: whoever reads the keyfile has the key");
	return e;
}

static struct err *put(const struct account_order *o, const struct keyfile *k,
	struct str *out)
{
	char *dir = unlock_directory(o->config), *path = NULL;
	struct err *e = keydir_write(dir, k, clock_wall_ms(), &path);

	if (!e)
		tell_account(o, k->address, path, out);
	free(dir);
	free(path);
	return e;
}

/* --- new --- */

static struct err *make_account(const struct account_order *o, struct remarks r,
	struct str *out)
{
	char *password = NULL;
	struct keyfile k;
	struct err *e = new_password(o, r, &password);

	if (!e)
		e = key_create(password, KEY_STANDARD, &k);
	passphrase_free(password);
	if (!e)
		e = put(o, &k, out);
	if (!e)
		r.fn(r.ctx, "keep a copy of the keyfile elsewhere, and the password: without "
			"either, what the account owns is lost");
	return e;
}

/* --- import --- */

/* The digits of a key, from a file, a pipe or a person; in secret memory. */
static struct err *read_digits(const char *name, char **out)
{
	*out = NULL;
	if (strcmp(name, "-") != 0)
		return passphrase_read(name, out, NULL);
	if (isatty(STDIN_FILENO))
		return passphrase_ask("Private key, in hexadecimal: ", out);
	return passphrase_read_fd(STDIN_FILENO, "standard input", out);
}

static struct err *import_key(const struct account_order *o, const char *name,
	struct remarks r, struct str *out)
{
	uint8_t *key = secret_alloc(KEY_SIZE);
	char *digits = NULL, *password = NULL;
	struct err *e = read_digits(name, &digits);
	struct keyfile k;

	/* The digits are told to nobody, right or wrong. */
	if (!e && !hex_decode(key, KEY_SIZE, digits))
		e = err_new(ERR_INVALID, "%s holds neither a keyfile nor a private key of %d "
			"hexadecimal digits", strcmp(name, "-") ? name : "standard input",
			2 * KEY_SIZE);
	passphrase_free(digits);
	if (!e)
		e = new_password(o, r, &password);
	if (!e)
		e = key_import(key, password, KEY_STANDARD, &k);
	passphrase_free(password);
	secret_free(key, KEY_SIZE);
	if (!e)
		e = put(o, &k, out);
	if (!e && strcmp(name, "-") != 0)
		r.fn(r.ctx, "the file that the key came from still has it in the clear: "
			"destroy it (shred -u)");
	return e;
}

/* Another keystore's file keeps its password. */
static struct err *import_keyfile(const struct account_order *o,
	const struct keydir_entry *entry, struct str *out)
{
	if (!entry->key.has_address)
		return err_new(ERR_INVALID, "keyfile %s does not say whose it is; name it with "
			"-ethKeystorePath instead", entry->path);
	return put(o, &entry->key, out);
}

static struct err *import_account(const struct account_order *o, struct remarks r,
	struct str *out)
{
	const char *name = o->words_n > 1 ? o->words[1] : "-";
	struct keydir_entry entry = {.path = NULL};
	struct err *e = NULL;

	if (strcmp(name, "-") != 0)
		e = keydir_read_file(name, &entry);
	if (!e)
		e = entry.path && !entry.broken ? import_keyfile(o, &entry, out) :
			import_key(o, name, r, out);
	keydir_entry_clear(&entry);
	return e;
}

/* --- list --- */

/* Why a node would not open it; NULL: nothing is against it. */
static struct err *problem_of(const struct keydir_entry *k)
{
	bool ignored;

	if (k->broken)
		return err_copy(k->broken);
	return keydir_check_mode(k, &ignored);
}

static void list_entry(const struct account_order *o, const struct keydir_entry *k,
	struct str *out)
{
	struct err *problem = problem_of(k);
	char name[EC_ADDR_TEXT_SIZE] = "", mode[8];
	struct str bits = STR_INIT;

	if (k->key.has_address)
		ec_address_text(name, k->key.address.b);
	str_printf(&bits, "%04o", (unsigned)k->mode & MODE_BITS);
	memcpy(mode, bits.s, bits.len + 1);
	str_clear(&bits);
	if (o->json) {
		str_addc(out, '{');
		add_member(out, "address", name);
		str_addc(out, ',');
		add_member(out, "keyfile", k->path);
		str_addc(out, ',');
		add_member(out, "mode", mode);
		str_addc(out, ',');
		add_member(out, "problem", problem ? err_text(problem) : "");
		str_addc(out, '}');
	} else {
		str_printf(out, "%-42s  %s  %s\n", *name ? name : "(no address)", mode, k->path);
		if (problem)
			str_printf(out, "    not usable: %s\n", err_text(problem));
	}
	err_free(problem);
}

static struct err *list_accounts(const struct account_order *o, struct remarks r,
	struct str *out)
{
	char *dir = unlock_directory(o->config);
	struct keydir keys;
	struct err *e = keydir_read(dir, &keys);
	size_t listed = 0;

	if (!e && o->json)
		str_addc(out, '[');
	for (size_t i = 0; i < keys.n && !e; i++) {
		if (o->json && listed)
			str_addc(out, ',');
		list_entry(o, &keys.v[i], out);
		listed++;
	}
	if (!e && o->json)
		str_add(out, "]\n");
	if (!e && !listed) {
		struct str text = STR_INIT;

		str_printf(&text, "no keyfiles in %s", dir);
		r.fn(r.ctx, text.s);
		str_clear(&text);
	}
	keydir_clear(&keys);
	free(dir);
	return e;
}

/* --- check --- */

/* `weir account check 0x...`, or a file: as if the flag said so. */
static struct err *take_target(struct config *c, const char *word)
{
	return config_set(c, access(word, F_OK) == 0 ? OPT_ETH_KEYSTORE_PATH :
		OPT_ETH_ACCT_ADDR, ORIGIN_FLAG, word);
}

static struct err *check_account(const struct account_order *o, struct remarks r,
	struct str *out)
{
	struct keydir_entry entry = {.path = NULL};
	struct signer *signer = NULL;
	const char *whence = NULL;
	char *password = NULL;
	struct err *e = NULL;

	if (o->words_n > 1)
		e = take_target(o->config, o->words[1]);
	if (!e)
		e = unlock_choose(o->config, r, &entry);
	if (!e)
		e = given_password(o, r, &password, &whence);
	if (!e)
		e = unlock_entry(&entry, password, whence, r, &signer);
	passphrase_free(password);
	if (!e) {
		tell_account(o, signer_address(signer), entry.path, out);
		r.fn(r.ctx, "the password opens it");
	}
	signer_free(signer);
	keydir_entry_clear(&entry);
	return e;
}

/* --- all of them --- */

static const struct {
	const char *name;
	size_t words_max;
	struct err *(*run)(const struct account_order *o, struct remarks r, struct str *out);
} actions[] = {
	{"new", 1, make_account},
	{"list", 1, list_accounts},
	{"import", 2, import_account},
	{"check", 2, check_account},
};

struct err *account_run(const struct account_order *o, struct remarks r, struct str *out)
{
	struct err *e = NULL;
	size_t i = 0;

	while (o->words_n && i < ARRAY_SIZE(actions) &&
		strcmp(o->words[0], actions[i].name) != 0)
		i++;
	if (!o->words_n || i == ARRAY_SIZE(actions) || o->words_n > actions[i].words_max)
		return err_new(ERR_INVALID, "weir account new | list | import [FILE] | check "
			"[ADDRESS|FILE], with -datadir or -ethKeystorePath to say where, "
			"--password-file FILE or -ethPassword to say with what, and --json; a "
			"private key is read from FILE or standard input");
	secret_harden_process();
	e = actions[i].run(o, r, out);
	config_wipe(o->config, OPT_ETH_PASSWORD);
	return e;
}
