#pragma once

#include <string_view>

/// The parts of a docx that are the same in every document.
namespace katip::text {

inline constexpr std::string_view kContentTypes =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml"
  ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
<Override PartName="/word/styles.xml"
  ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>
<Override PartName="/word/settings.xml"
  ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/>
<Override PartName="/docProps/core.xml"
  ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
</Types>
)";

inline constexpr std::string_view kPackageRelations =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1"
  Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
  Target="word/document.xml"/>
<Relationship Id="rId2"
  Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
  Target="docProps/core.xml"/>
</Relationships>
)";

inline constexpr std::string_view kDocumentRelations =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1"
  Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
  Target="styles.xml"/>
<Relationship Id="rId2"
  Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings"
  Target="settings.xml"/>
</Relationships>
)";

inline constexpr std::string_view kCorePropertiesBegin =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties
  xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
  xmlns:dc="http://purl.org/dc/elements/1.1/">)";
inline constexpr std::string_view kCorePropertiesEnd = "</cp:coreProperties>\n";

inline constexpr std::string_view kDocumentBegin =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>
)";
// A4 with margins of 2.5 cm, in twentieths of a point.
inline constexpr std::string_view kDocumentEnd =
    R"(<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1417" w:right="1417"
  w:bottom="1417" w:left="1417" w:header="708" w:footer="708" w:gutter="0"/></w:sectPr></w:body>
  </w:document>
)";

// Without the compatibility mode, Word opens the document as one of Word 2007.
inline constexpr std::string_view kSettings =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:compat>
  <w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word"
  w:val="15"/></w:compat></w:settings>
)";

inline constexpr std::string_view kStyles =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Arial"/>
  <w:sz w:val="22"/><w:szCs w:val="22"/></w:rPr></w:rPrDefault>
<w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="276" w:lineRule="auto"/></w:pPr>
  </w:pPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>
  </w:style>
<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name
  w:val="Default Paragraph Font"/></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/>
  <w:next w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:after="60" w:line="240"
  w:lineRule="auto"/></w:pPr><w:rPr><w:b/><w:bCs/><w:sz w:val="36"/><w:szCs w:val="36"/></w:rPr>
  </w:style>
<w:style w:type="paragraph" w:styleId="Subtitle"><w:name w:val="Subtitle"/><w:basedOn
  w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/><w:pPr><w:spacing w:after="280"/></w:pPr>
  <w:rPr><w:color w:val="5B6470"/><w:sz w:val="20"/><w:szCs w:val="20"/></w:rPr></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="Warning"><w:name w:val="Warning"/>
  <w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/><w:pPr><w:spacing w:after="280"/>
  </w:pPr><w:rPr><w:i/><w:iCs/><w:color w:val="9A3412"/></w:rPr></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="TimedText"><w:name w:val="Timed Text"/>
  <w:basedOn w:val="Normal"/><w:qFormat/><w:pPr><w:tabs><w:tab w:val="left" w:pos="964"/></w:tabs>
  <w:ind w:left="964" w:hanging="964"/></w:pPr></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="PlainText"><w:name
  w:val="Transcript Text"/><w:basedOn w:val="Normal"/><w:qFormat/></w:style>
<w:style w:type="character" w:customStyle="1" w:styleId="TimeStamp"><w:name w:val="Time Stamp"/>
  <w:qFormat/><w:rPr><w:color w:val="5B6470"/><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr>
  </w:style>
<w:style w:type="character" w:customStyle="1" w:styleId="Speaker"><w:name w:val="Speaker"/>
  <w:qFormat/><w:rPr><w:b/><w:bCs/></w:rPr></w:style>
</w:styles>
)";

}  // namespace katip::text
