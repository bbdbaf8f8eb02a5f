"""Which characters are taken for which: keys side by side, shapes a scanner confuses, sounds and shapes of Chinese.

The Chinese tables were written for this project from everyday knowledge of the script, and name no dictionary. They
hold common characters only. Homophones are read alike in Standard Chinese but for the tone; look-alikes differ by a
stroke or a part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np

# Each row of a US keyboard lies half a key, roughly, to the right of the one above.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")

# Pairs a scanner takes for each other, by shape.
_SCANNED = (
    "0OoQD", "1lIi|", "2Zz", "5Ss", "6Gb", "8B", "9gq", "ce", "hb", "nhr", "uv", "vy", "ft", "CG", "EF", "MN", "PR",
    "UV", "VY", "WVV", "KX", ".,", ":;", "-_", "'`",
)  # fmt: skip

_SOUNDS = (
    "的得地 他她它塔 在再载 做作坐座 是事市式试视室世 和合河何核 有又右友 以已意义易议 会回汇惠 "
    "到道倒 里理李礼 上尚 时实食石十 年念 生声升省 为位未味 工公共功 长常场厂 进近尽劲 "
    "经京精景 见件建间健 多朵夺 好号毫 心新信欣 买卖麦 快块筷 点店电典 气器起期 分份粉纷 "
    "度读独 包报饱抱 菜才材财 吃迟持 送宋松 味围微 汤糖躺 饭反返 等灯登 小笑校效 钱前千签 "
    "服福府父 员原元园 名明命 家加佳价 车彻 话化画花 现线先显 题提体 同通统 学雪血 书输数 "
    "机级及急 过果国 城成程承 高搞告 力立利历 安按案 保宝 本奔 变便边 部步布 带代待戴 单担但 "
    "当党 低底第弟 定订 短段断 房放方 飞非费 改该 干感敢 歌哥个各 管关观馆 海害 红洪 候后厚 "
    "护户湖 急集即 记计继季 角脚教叫 接街节姐 金今斤紧 静净竟 久酒九 具句据 开凯 看刊 客课刻 "
    "苦哭 老劳 连联脸 凉量两 路录陆 慢满 没美每 面免棉 拿那哪 男难南 能嫩 平评苹瓶 七妻 "
    "清请轻情 去趣取 然燃 热惹 容荣 商伤赏 少烧 身深什 睡水谁税 听厅 头投 晚完玩 望往忘 "
    "问文闻 西喜细系 想向像象 写谢些 休修 样养阳 要药 业页夜 用永 远院愿 月越 找照 真针 "
    "正整政 知之只直值 中种终钟重 住注主 自字子 走奏 最罪醉"
)

_SHAPES = (
    "已己巳 未末 人入八 天夫无 日曰目 大太犬 土士 千干于 午牛 今令 鸟乌 兔免 拔拨 侯候 "
    "析折 辨辩辫 治冶 晴睛 清请情晴 戌戍戊 贝见 几儿九 刀力刃 白自百 王玉主 田由甲申 木本术 "
    "米来 问间闻 住往佳 休体 官宫 徒徙 微徵 代伐 仓仑 处外 东车 风凤 开井 历厉 内肉 皮波 "
    "平半 起赶 且旦 史吏 失矢 石右 师帅 手毛 万方 为办 找我 买卖 名各 哪那 要耍 渴喝 "
    "抱跑饱 话活 快块决 妈吗码 浅钱线 很根跟 让认 识织职 谁准 推堆 值植直 注柱住 做故 坐座 "
    "遂逐 暖缓 籍藉 密蜜 竟竞 博搏 暮幕墓 燥躁操 漂飘 贷货 奖桨浆 峰锋蜂 栽裁载 梁粱 陷馅 "
    "宣宜 壁璧 练炼 哀衰 乒兵 隐稳 酒洒 茶荼 崇祟"
)


class Substitutions:
    """A table of single characters, ready for whole arrays of code points.

    Parameters
    ----------
    table : mapping of str to str
        A character to those it may become.

    Examples
    --------
    >>> table = Substitutions({"a": "sq", "b": "v"})
    >>> found = table.known(np.array([97, 99, 98], dtype=np.uint32))
    >>> found.tolist(), table.pick(np.array([97, 98], dtype=np.uint32), np.array([0.9, 0.1])).tolist()
    ([True, False, True], [113, 118])
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self._keys = np.array(sorted(map(ord, table)), dtype=np.uint32)
        options = [table[chr(key)] for key in self._keys]
        self._count = np.fromiter(map(len, options), np.int64, len(options))
        self._start = np.cumsum(self._count) - self._count
        self._options = np.array([ord(c) for some in options for c in some], dtype=np.uint32)
        self._seen = np.zeros(0x110000, dtype=bool)
        self._seen[self._keys] = True

    def known(self, codes: np.ndarray) -> np.ndarray:
        """Which code points have a substitute."""
        return self._seen[codes]

    def pick(self, codes: np.ndarray, u: np.ndarray) -> np.ndarray:
        """One substitute for each of these code points, all of them known."""
        row = np.searchsorted(self._keys, codes)
        return self._options[self._start[row] + (u * self._count[row]).astype(np.int64)]


@cache
def keyboard() -> Substitutions:
    """The keys beside each letter of a US keyboard."""
    place = {c: (x + 0.5 * y, y) for y, row in enumerate(_ROWS) for x, c in enumerate(row)}
    near = {
        a: "".join(b for b, q in place.items() if a != b and abs(p[0] - q[0]) <= 1 and abs(p[1] - q[1]) <= 1)
        for a, p in place.items()
    }
    return Substitutions(near | {a.upper(): b.upper() for a, b in near.items()})


@cache
def scanner() -> Substitutions:
    """The characters a scanner takes each for."""
    return Substitutions(_groups(_SCANNED))


@cache
def other_case() -> Substitutions:
    """The other case of every letter whose other case is one letter and leads back."""
    pairs = ((chr(c), chr(c).swapcase()) for c in range(0x2000) if chr(c).isalpha())
    return Substitutions({a: b for a, b in pairs if len(b) == 1 and b != a and b.swapcase() == a})


@cache
def homophones() -> Substitutions:
    """Chinese characters that sound alike."""
    return Substitutions(_groups(_SOUNDS.split()))


@cache
def look_alikes() -> Substitutions:
    """Chinese characters that look alike."""
    return Substitutions(_groups(_SHAPES.split()))


def _groups(groups: Iterable[str]) -> dict[str, str]:
    """Every character of a group may become every other of it."""
    table: dict[str, str] = {}
    for group in groups:
        for c in dict.fromkeys(group):
            others = "".join(o for o in dict.fromkeys(group) if o != c and o not in table.get(c, ""))
            table[c] = table.get(c, "") + others
    return {c: others for c, others in table.items() if others}
