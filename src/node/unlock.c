#include "src/node/unlock.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/secret.h"
#include "src/crypto/ec.h"
#include "src/crypto/keystore.h"
#include "src/node/passphrase.h"

#define ASK_TIMES 3
#define NAMED_MAX 8	 /* other accounts named in a remark */
#define NEARBY_MAX 64	 /* directories looked at for lost keys */
#define CREDENTIAL "ethPassword"

static void remark(struct remarks r, const char *fmt, ...) printf_like(2, 3);
static void remark(struct remarks r, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	r.fn(r.ctx, s.s);
	str_clear(&s);
}

/* --- where --- */

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

char *unlock_directory(const struct config *c)
{
	const char *path = config_text(c, OPT_ETH_KEYSTORE_PATH);
	const char *slash = strrchr(path, '/');
	struct str dir = STR_INIT;
	char *datadir;

	if (*path && is_there(path) && !is_directory(path))
		return slash == path ? xstrdup("/") :
			slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	if (*path)
		return xstrdup(path);
	datadir = config_datadir(c);
	str_printf(&dir, "%s/keystore", datadir);
	free(datadir);
	return str_take(&dir);
}

/* --- which --- */

static size_t count_accounts(const struct keydir *keys)
{
	size_t n = 0;

	for (size_t i = 0; i < keys->n; i++)
		n += keys->v[i].key.has_address;
	return n;
}

static void add_nearby(struct str *out, const char *dir)
{
	struct keydir keys;
	struct err *e = keydir_read(dir, &keys);

	if (!e && count_accounts(&keys))
		str_printf(out, "%s%s", out->len ? ", " : "", dir);
	err_free(e);
	keydir_clear(&keys);
}

/* Early go-livepeers kept keys in ~/.lpData/keystore, later ones in that of the
 * network: whoever upgrades, or mistakes the network, has a key, but not here. */
static void look_nearby(struct str *out, const struct config *c)
{
	char *datadir = config_datadir(c), *slash = strrchr(datadir, '/');
	struct str path = STR_INIT;
	struct dirent *entry;
	DIR *parent;

	if (slash && slash > datadir)
		*slash = '\0';
	str_printf(&path, "%s/keystore", datadir);
	add_nearby(out, path.s);
	parent = slash && slash > datadir ? opendir(datadir) : NULL;
	for (int i = 0; parent && i < NEARBY_MAX && (entry = readdir(parent)); i++) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, slash + 1) == 0)
			continue;
		str_truncate(&path, 0);
		str_printf(&path, "%s/%s/keystore", datadir, entry->d_name);
		add_nearby(out, path.s);
	}
	if (parent)
		closedir(parent);
	str_clear(&path);
	free(datadir);
}

static struct err *no_account(const struct config *c, const struct keydir *keys)
{
	struct str nearby = STR_INIT;
	struct err *e;

	if (!*config_text(c, OPT_ETH_KEYSTORE_PATH))
		look_nearby(&nearby, c);
	e = err_new(ERR_NOT_FOUND, "no keyfile of an account in %s: make an account with "
		"`weir account new`, bring a key in with `weir account import`, or say where "
		"your keyfiles are with -ethKeystorePath%s%s", keys->path,
		nearby.len ? "; there are some in " : "", str_cstr(&nearby));
	str_clear(&nearby);
	return e;
}

/* Whole files before broken ones of the same address. */
static const struct keydir_entry *find_any(const struct keydir *keys, struct eth_addr a)
{
	const struct keydir_entry *found = keydir_find(keys, a);

	for (size_t i = 0; i < keys->n && !found; i++)
		if (keys->v[i].key.has_address && addr_eq(keys->v[i].key.address, a))
			found = &keys->v[i];
	return found;
}

/* The first in the order of names, which is what go-livepeer takes. */
static const struct keydir_entry *take_first(const struct keydir *keys, struct remarks r)
{
	const struct keydir_entry *first = NULL;
	char name[EC_ADDR_TEXT_SIZE];
	struct str others = STR_INIT;
	size_t n = 0;

	for (size_t i = 0; i < keys->n; i++) {
		if (!keys->v[i].key.has_address)
			continue;
		if (!first) {
			first = &keys->v[i];
			continue;
		}
		ec_address_text(name, keys->v[i].key.address.b);
		if (n++ < NAMED_MAX)
			str_printf(&others, "%s%s", n > 1 ? ", " : "", name);
	}
	if (n) {
		ec_address_text(name, first->key.address.b);
		remark(r, "%zu accounts in %s: taking the first, %s; choose with -ethAcctAddr. "
			"The others: %s%s", n + 1, keys->path, name, str_cstr(&others),
			n > NAMED_MAX ? ", ..." : "");
	}
	str_clear(&others);
	return first;
}

static struct err *choose_in(const struct config *c, const struct keydir *keys,
	struct remarks r, const struct keydir_entry **out)
{
	const char *text = config_text(c, OPT_ETH_ACCT_ADDR);
	size_t accounts = count_accounts(keys);
	struct eth_addr wanted;
	struct err *e;

	if (!accounts)
		return no_account(c, keys);
	if (!*text) {
		*out = take_first(keys, r);
		return NULL;
	}
	e = addr_parse_checked(&wanted, text);
	if (e)
		return err_wrap(e, "-ethAcctAddr");
	*out = find_any(keys, wanted);
	return *out ? NULL : err_new(ERR_NOT_FOUND, "no keyfile of %s in %s (of %zu other "
		"accounts there is one: `weir account list`)", text, keys->path, accounts);
}

/* -ethKeystorePath names a file. */
static struct err *choose_file(const struct config *c, struct keydir_entry *out)
{
	const char *text = config_text(c, OPT_ETH_ACCT_ADDR);
	struct err *e = keydir_read_file(config_text(c, OPT_ETH_KEYSTORE_PATH), out);
	struct eth_addr wanted;

	if (e || !*text)
		return err_wrap(e, "-ethKeystorePath");
	e = addr_parse_checked(&wanted, text);
	if (e)
		return err_wrap(e, "-ethAcctAddr");
	if (out->key.has_address && !addr_eq(out->key.address, wanted))
		return err_new(ERR_INVALID, "-ethKeystorePath and -ethAcctAddr were both "
			"provided, but ethAcctAddr does not match the address found in keystore");
	/* A file without one must open to it. */
	out->key.has_address = true;
	out->key.address = wanted;
	return NULL;
}

/* Who may write there may put the file that is taken. */
static struct err *check_directory_mode(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) == 0 && (st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
		return err_new(ERR_DENIED, "keystore %s can be written by every user of this "
			"machine (mode %03o): chmod 700 it, and see that the keyfiles there are "
			"yours", dir, (unsigned)st.st_mode & 0777);
	return NULL;
}

struct err *unlock_choose(const struct config *c, struct remarks r,
	struct keydir_entry *out)
{
	const char *path = config_text(c, OPT_ETH_KEYSTORE_PATH);
	const struct keydir_entry *chosen = NULL;
	struct keydir keys;
	struct err *e;
	char *dir;

	*out = (struct keydir_entry){.path = NULL};
	if (*path && !is_there(path))
		return err_new(ERR_NOT_FOUND, "provided -ethKeystorePath was not found: %s",
			path);
	if (*path && !is_directory(path))
		return choose_file(c, out);
	dir = unlock_directory(c);
	e = keydir_read(dir, &keys);
	if (!e)
		e = check_directory_mode(dir);
	if (!e)
		e = choose_in(c, &keys, r, &chosen);
	if (!e)
		e = keydir_read_file(chosen->path, out);
	keydir_clear(&keys);
	free(dir);
	return e;
}

/* --- what opens it --- */

/* A password in a file that others may read is theirs too; yet go-livepeer
 * starts with it, so this one does. */
static void check_password_mode(struct remarks r, const char *what, mode_t mode)
{
	if (mode & 077)
		remark(r, "%s holds the password, and others of this machine may read it "
			"(mode %03o): chmod 600 it", what, (unsigned)mode & 0777);
}

static void remark_literal(const struct config *c, struct remarks r)
{
	const char *file = config_text(c, OPT_CONFIG);
	struct stat st;

	switch (config_origin(c, OPT_ETH_PASSWORD)) {
	case ORIGIN_FLAG:
		remark(r, "the password in -ethPassword was seen by every user of this machine "
			"(ps), and your shell may remember it: put it in a file of mode 0600 "
			"and give the file's name");
		break;
	case ORIGIN_ENV:
		remark(r, "the password is in the environment, which programs started from "
			"there have too: put it in a file of mode 0600 and give the file's name");
		break;
	case ORIGIN_FILE:
		if (stat(file, &st) == 0)
			check_password_mode(r, file, st.st_mode);
		break;
	case ORIGIN_DEFAULT:
	case ORIGIN_KV:
	case ORIGIN_COUNT:
		break;
	}
}

struct err *unlock_password_file(const char *path, struct remarks r, char **out)
{
	mode_t mode = 0;
	struct err *e = passphrase_read(path, out, &mode);

	if (!e)
		check_password_mode(r, path, mode);
	return e;
}

struct err *unlock_password(const struct config *c, struct remarks r, char **out,
	const char **whence)
{
	const char *value = config_text(c, OPT_ETH_PASSWORD);
	bool literal = false;
	mode_t mode = 0;
	struct err *e;

	*out = NULL;
	if (!*value) {
		*whence = "systemd's credential " CREDENTIAL;
		return passphrase_credential(CREDENTIAL, out);
	}
	e = passphrase_option(value, out, &literal, &mode);
	if (e)
		return err_wrap(e, "-ethPassword");
	*whence = literal ? "-ethPassword, which names no file and so is the password itself" :
		"the file of -ethPassword";
	if (literal)
		remark_literal(c, r);
	else
		check_password_mode(r, value, mode);
	return NULL;
}

/* "account 0x..., keyfile ..." */
static void name_entry(struct str *out, const struct keydir_entry *k)
{
	char name[EC_ADDR_TEXT_SIZE];

	if (k->key.has_address) {
		ec_address_text(name, k->key.address.b);
		str_printf(out, "account %s, ", name);
	}
	str_printf(out, "keyfile %s", k->path);
}

static struct err *open_with(const struct keydir_entry *k, const char *password,
	const char *whence, struct signer **out)
{
	struct err *e = key_unlock(&k->key, password, out);
	struct str name = STR_INIT;

	if (!e)
		return NULL;
	name_entry(&name, k);
	if (err_kind(e) == ERR_DENIED && whence)
		str_printf(&name, ", password of %s", whence);
	e = err_wrap(e, "%s", name.s);
	str_clear(&name);
	return e;
}

static struct err *ask_until_open(const struct keydir_entry *k, struct signer **out)
{
	struct str prompt = STR_INIT;
	char name[EC_ADDR_TEXT_SIZE];
	struct err *e = NULL;

	ec_address_text(name, k->key.address.b);
	str_printf(&prompt, "Passphrase of %s: ", k->key.has_address ? name : k->path);
	for (int i = 0; i < ASK_TIMES && !*out; i++) {
		char *password = NULL;

		err_free(e);
		e = passphrase_ask(prompt.s, &password);
		if (!e)
			e = open_with(k, password, NULL, out);
		passphrase_free(password);
		if (e && err_kind(e) != ERR_DENIED)
			break;
	}
	str_clear(&prompt);
	return e;
}

/* No password was given: perhaps there is none, else a person has it. */
static struct err *open_or_ask(const struct keydir_entry *k, struct signer **out)
{
	struct str name = STR_INIT;
	struct err *e = open_with(k, "", NULL, out);

	if (!e || err_kind(e) != ERR_DENIED)
		return e;
	err_free(e);
	if (passphrase_can_ask())
		return ask_until_open(k, out);
	name_entry(&name, k);
	e = err_new(ERR_DENIED, "%s: it needs a password, and there is no terminal to ask for it "
		"on: give -ethPassword the name of a file that holds it, or let systemd have it "
		"(LoadCredential=" CREDENTIAL ":FILE)", name.s);
	str_clear(&name);
	return e;
}

struct err *unlock_entry(const struct keydir_entry *k, const char *password,
	const char *whence, struct remarks r, struct signer **out)
{
	bool warn = false;
	struct err *e;

	*out = NULL;
	if (k->broken)
		return err_copy(k->broken);
	e = keydir_check_mode(k, &warn);
	if (!e && warn)
		remark(r, "keyfile %s can be read by its group (mode %03o): chmod 600 it",
			k->path, (unsigned)k->mode);
	if (!e)
		e = password ? open_with(k, password, whence, out) : open_or_ask(k, out);
	if (!e && !secret_locked())
		remark(r, "the key's memory cannot be locked and may be swapped out: raise "
			"RLIMIT_MEMLOCK (ulimit -l; systemd: LimitMEMLOCK=)");
	return e;
}

/* As go-livepeer, and for those who turn a chain off for a while. */
static void remark_unused(const struct config *c, struct remarks r)
{
	static const enum option_id ids[] = {OPT_ETH_ACCT_ADDR, OPT_ETH_PASSWORD,
		OPT_ETH_KEYSTORE_PATH, OPT_ETH_ORCH_ADDR};

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (*config_text(c, ids[i]))
			remark(r, "-%s is not used with -network offchain",
				option_get(ids[i])->name);
}

struct err *unlock_signer(const struct config *c, struct remarks r, struct signer **out)
{
	struct keydir_entry entry;
	const char *whence = NULL;
	char *password = NULL;
	struct err *e;

	*out = NULL;
	if (!config_is_onchain(c)) {
		remark_unused(c, r);
		return NULL;
	}
	secret_harden_process();
	e = unlock_choose(c, r, &entry);
	if (!e)
		e = unlock_password(c, r, &password, &whence);
	if (!e)
		e = unlock_entry(&entry, password, whence, r, out);
	passphrase_free(password);
	keydir_entry_clear(&entry);
	return e;
}
