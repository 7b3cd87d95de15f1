from knowledge.privacy import without_post_holders


def test_names_of_post_holders_leave_contact_lines():
    line = "甲開発建設部\t地域連携課\t課長\t山川 一二\t(電話 000-111-2222)"
    assert without_post_holders(line) == "甲開発建設部\t地域連携課\t課長\t(電話 000-111-2222)"


def test_speakers_at_events_stay():
    line = "基調講演 山川 一二氏 (大学名誉教授)"
    assert without_post_holders(line) == line


def test_a_post_without_a_name_stays():
    line = "課長 (電話 000-111-2222)"
    assert without_post_holders(line) == line
