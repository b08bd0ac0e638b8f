#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/migrate/files/revision_file.h"

namespace katip::store::migrate {

/// The template of new files when a folder has no script.sql.tmpl of its own.
std::string_view default_script_template();

/// Fills a template: ${revision} ${revises} ${message} ${created} ${branch_labels} ${depends_on}
/// ${upgrade} ${downgrade}. A line with ${branch_labels} or ${depends_on} is left out where that is
/// empty. The SQL is that of the sections of `file`.
///
/// Errors: kInvalidArgument for a ${name} that is none of these.
Result<std::string> fill_script_template(std::string_view script_template,
                                         const RevisionFile& file);

}  // namespace katip::store::migrate
