"""What an answer costs here: python docs/examples/measure.py PICTURE MODEL..."""

import subprocess
import sys

PROGRAM = """
import pickle, sys, time
from pathlib import Path

def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start

def load():
    global model
    import imagier
    model = imagier.load(sys.argv[1], threads=int(sys.argv[2]))

picture = sys.argv[3]
loading = seconds(load)
first = seconds(lambda: model.predict(picture))
each = sorted(seconds(lambda: model.predict(picture)) for _ in range(60))[30]
many = 200 / seconds(lambda: list(model.predict_many([picture] * 200)))
status = Path("/proc/self/status").read_text().split("VmHWM:")[1]
print(
    f"{Path(sys.argv[1]).name} | {sys.argv[2]} | {loading:.2f} s | {first * 1000:.0f} ms"
    f" | {each * 1000:.1f} ms | {many:.0f} | {int(status.split()[0]) // 1024} MB"
    f" | {len(pickle.dumps(model)) / 1e6:.1f} MB"
)
"""

print("model | threads | import and load | first answer | median | many, a second | peak | pickle")
for model in sys.argv[2:]:
    for threads in ("1", "2"):
        subprocess.run([sys.executable, "-c", PROGRAM, model, threads, sys.argv[1]], check=True)
