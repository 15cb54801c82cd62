using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>Told of intermediate values while a model reads; for parity tests.</summary>
/// <param name="layer">The layer, or −1 for what stands before or after all of them.</param>
/// <param name="name">What the value is.</param>
/// <param name="value">The model's own tensor: it lives until the reading ends, so keep a copy.</param>
internal delegate void ActivationTap(int layer, string name, Tensor value);
