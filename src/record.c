#include "record.h"

#include "interpreter.h"
#include "json.h"

#include <string.h>

/** @return The interpreter's tag in the name of a bytecode file; NULL and 0 where it has none. */
static struct bytecode_part tag_of(const struct record *record)
{
	const char *slash = strrchr(record->path, '/');
	struct bytecode_name name;

	/* What comes of a.b.py is a.b.pyc, beside it. */
	if (record->kind == RECORD_DIRECTORY ||
	    !bytecode_split(slash ? slash + 1 : record->path, &name) ||
	    !bytecode_tag_is_interpreter(name.tag) || !interpreter_could_have_tag(name.tag)) {
		return (struct bytecode_part){ 0 };
	}
	return name.tag;
}

size_t record_write(char *out, const struct record *record)
{
	static const char *const kinds[] = { NULL, "file", "directory" };
	const struct bytecode_part tag = tag_of(record);
	struct json json;

	json_open(&json, out);
	json_text(&json, "event", record->event);
	json_text(&json, "path", record->path);
	json_bytes_unless_utf8(&json, "path_base64", record->path);
	json_text(&json, "kind", kinds[record->kind]);
	json_text_of(&json, "tag", tag.start, tag.length);
	if (record->has_bytes) {
		json_number(&json, "bytes", record->bytes);
	} else {
		json_text(&json, "bytes", NULL);
	}
	json_text(&json, "reason", record->reason);
	json_text(&json, "error", record->error);
	return json_close(&json);
}

size_t record_write_summary(char *out, const struct tally *tally, bool dry_run, bool interrupted)
{
	struct json json;

	json_open(&json, out);
	json_text(&json, "event", "summary");
	json_boolean(&json, "dry_run", dry_run);
	json_number(&json, "files", tally->files);
	json_number(&json, "directories", tally->directories);
	json_number(&json, "bytes", tally->bytes);
	json_number(&json, "errors", tally->errors);
	json_number(&json, "skipped_environments", tally->environments);
	json_number(&json, "skipped", tally->skipped);
	json_boolean(&json, "interrupted", interrupted);
	return json_close(&json);
}
