"""The cuts of what stands: bags, crockery, furniture."""

from __future__ import annotations

from .shapes import Cut, Part, both, dial, oval, parts, seam, seams

THINGS: dict[str, Cut] = {
    "handbag": (
        seam((32, 44), (36, 14), (64, 14), (68, 44), role="dark", width=4, cut=16),
        Part(((22, 42), (78, 42), (88, 88), (12, 88)), "main", 6),
        Part(((22, 41), (78, 41), (76, 60), (50, 68), (24, 60)), "dark", 5),
        Part(((46, 62), (54, 62), (54, 71), (46, 71)), "brass", 1.5),
    ),
    "tote": (
        seam((36, 40), (37, 10), (63, 10), (64, 40), role="trim", width=3.4, cut=12),
        Part(((19, 36), (81, 36), (84, 92), (16, 92)), "main", 3),
        seam((19, 40), (81, 40)),
        *seams((36, 38), (36, 50), role="trim", width=3.4),
    ),
    "backpack": (
        seam((42, 14), (44, 6), (56, 6), (58, 14), role="black", width=2.6),
        *parts((20, 40), (13, 50), (14, 80), (22, 86), role="dark", cut=4),
        Part(both((50, 9), (30, 11), (20, 30), (18, 90), (50, 93)), cut=11),
        Part(both((50, 54), (26, 54), (25, 86), (50, 87)), "trim", 5),
        seam((27, 36), (50, 31), (73, 36), role="metal", width=1.3, cut=12),
        seam((28, 60), (72, 60), role="metal", width=1.3),
    ),
    "umbrella": (
        seam((50, 16), (50, 84), (54, 92), (62, 90), (62, 84), role="wood", width=2.2, cut=5),
        Part(both((50, 14), (30, 20), (13, 36), (5, 56), (20, 52), (35, 57), (50, 52)), cut=5),
        *seams((50, 15), (40, 28), (35, 56), cut=12),
        seam((50, 9), (50, 15), role="metal", width=1.4),
    ),
    "watch": (
        Part(((39, 3), (61, 3), (63, 34), (37, 34)), "main", 3),
        Part(((37, 66), (63, 66), (60, 98), (40, 98)), "main", 3),
        Part(oval(50, 50, 24, 24), "metal", 0),
        Part(oval(50, 50, 19.5, 19.5), "sole", 0),
        *dial(15, 18, 1),
        seam((50, 50), (50, 37), role="black", width=1.4),
        seam((50, 50), (59, 55), role="black", width=1.8),
    ),
    "mug": (
        seam((66, 36), (92, 38), (90, 70), (64, 72), role="plain", width=6, cut=14),
        Part(((16, 24), (72, 24), (70, 84), (60, 89), (28, 89), (18, 84)), "main", 5),
        Part(oval(44, 24, 28, 7), "rim", 0),
        Part(oval(44, 24.6, 25, 5.4), "inside", 0),
        seam((24, 36), (26, 76), role="glint", width=4),
    ),
    "teapot": (
        seam((76, 44), (96, 44), (94, 76), (74, 72), role="dark", width=5, cut=13),
        Part(((30, 62), (14, 40), (4, 36), (8, 32), (20, 36), (36, 48)), "plain", 5),
        Part(oval(52, 60, 30, 26), "main", 0),
        Part(both((50, 30), (38, 32), (34, 40), (50, 43)), "dark", 5),
        Part(oval(50, 27, 4.5, 4.5), "brass", 0),
        seam((34, 52), (32, 66), role="glint", width=3.6),
    ),
    "bottle": (
        Part(both((50, 16), (43, 16), (43, 28), (32, 42), (32, 92), (36, 95), (50, 95)), cut=5),
        Part(both((50, 5), (42, 5), (42, 17), (50, 17)), "metal", 1.5),
        Part(both((50, 54), (32, 54), (32, 76), (50, 76)), "sole", 0.5),
        seam((40, 61), (60, 61), role="black", width=1.4),
        seam((43, 67), (57, 67), role="seam", width=1.2),
        seam((36.5, 44), (36.5, 88), role="glint", width=2.4),
    ),
    "vase": (
        Part(both((50, 10), (40, 10), (42, 26), (24, 48), (28, 76), (38, 92), (50, 92)), cut=12),
        Part(oval(50, 11.5, 10, 3), "rim", 0),
        Part(oval(50, 11.8, 8, 2), "inside", 0),
        seam((34, 44), (34, 66), role="glint", width=3),
    ),
    "lamp": (
        seam((50, 46), (50, 84), role="brass", width=3),
        Part(oval(50, 88, 20, 5), "brass", 0),
        Part(both((50, 9), (35, 9), (18, 52), (50, 54)), cut=2.5),
        seam((35.5, 11), (64.5, 11), role="trim", width=2),
        seam((19, 50.5), (81, 50.5), role="trim", width=2.4),
    ),
    "chair": (
        seam((27, 60), (22, 96), role="wood", width=4),
        seam((73, 60), (78, 96), role="wood", width=4),
        seam((36, 60), (35, 86), role="wood", width=3),
        seam((64, 60), (65, 86), role="wood", width=3),
        seam((31, 8), (31, 60), role="wood", width=4),
        seam((69, 8), (69, 60), role="wood", width=4),
        Part(((29, 10), (71, 10), (71, 34), (29, 34)), "main", 4),
        Part(((28, 52), (72, 52), (80, 64), (20, 64)), "main", 3),
        Part(((20, 62), (80, 62), (80, 67), (20, 67)), "dark", 2),
    ),
    "armchair": (
        *seams((26, 84), (22, 96), role="wood", width=4),
        Part(both((50, 14), (28, 15), (24, 40), (26, 64), (50, 66)), cut=9),
        Part(both((50, 56), (24, 56), (24, 72), (50, 72)), "plain", 5),
        Part(both((50, 70), (22, 70), (22, 86), (50, 86)), "dark", 3),
        *parts((10, 44), (24, 42), (28, 52), (28, 87), (12, 87), cut=7),
    ),
    "stool": (
        *seams((36, 40), (24, 95), role="wood", width=4.4),
        *seams((45, 40), (42, 88), role="wood", width=3.2),
        seam((30, 70), (70, 70), role="wood", width=2.6),
        Part(((18, 30), (82, 30), (84, 42), (16, 42)), "main", 5),
        Part(oval(50, 30, 32, 7), "rim", 0),
    ),
    "clock": (
        Part(oval(50, 50, 43, 43), "main", 0),
        Part(oval(50, 50, 34, 34), "sole", 0),
        *dial(27, 31.5, 1.8),
        seam((50, 50), (38, 34), role="black", width=2.6),
        seam((50, 50), (66, 28), role="black", width=1.8),
        Part(oval(50, 50, 2.6, 2.6), "trim", 0),
    ),
    "cushion": (
        Part(both((50, 15), (14, 9), (10, 14), (15, 50), (10, 86), (14, 91), (50, 85)), cut=7),
        seam((16, 15), (20, 50), (16, 85), width=0.7, cut=20),
        seam((84, 15), (80, 50), (84, 85), width=0.7, cut=20),
    ),
    "bowl": (
        Part(both((50, 40), (6, 40), (14, 62), (32, 80), (50, 81)), cut=9),
        Part(((36, 79), (64, 79), (62, 86), (38, 86)), "dark", 1.5),
        Part(oval(50, 40, 44, 11), "rim", 0),
        Part(oval(50, 41, 40, 8.5), "inside", 0),
        seam((20, 56), (32, 70), role="glint", width=3),
    ),
    "planter": (
        *(
            Part(((50, 62), (50 + dx - 7, y + 12), (50 + dx, y), (50 + dx + 6, y + 14)), "leaf", 6)
            for dx, y in ((-30, 26), (30, 24), (-17, 10), (16, 8), (0, 4), (-36, 44), (36, 42))
        ),
        Part(((24, 58), (76, 58), (69, 94), (31, 94)), "main", 3),
        Part(((21, 55), (79, 55), (78, 64), (22, 64)), "dark", 2),
    ),
    "book": (
        Part(((24, 10), (80, 10), (80, 90), (24, 90)), "sole", 1),
        Part(((20, 8), (76, 8), (76, 88), (20, 88)), "main", 1.5),
        Part(((20, 8), (28, 8), (28, 88), (20, 88)), "dark", 1),
        Part(((37, 22), (68, 22), (68, 42), (37, 42)), "trim", 1),
        seam((41, 29), (64, 29), role="black", width=1.6),
        seam((45, 35), (60, 35), role="black", width=1.2),
    ),
}
