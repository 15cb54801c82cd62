using static TorchSharp.torch;

namespace Perk.Core.Tensors;

/// <summary>The only caller of <c>autograd.grad</c>: an unused input may kill the process there.</summary>
public static class Gradients
{
    /// <summary>The gradient of a scalar with respect to each input.</summary>
    /// <param name="loss">A scalar, shape ().</param>
    /// <param name="inputs">Tensors that require a gradient.</param>
    /// <param name="keepGraph">
    /// Whether the gradients can be differentiated again; the loss's graph then lives as long as they do. Otherwise it is freed.
    /// </param>
    /// <returns>One tensor per input, of its shape; zeros where the loss does not depend on it.</returns>
    /// <exception cref="ArgumentException">
    /// The loss is not a scalar or depends on no tensor that requires a gradient, or an input requires none.
    /// </exception>
    public static Tensor[] Of(Tensor loss, IReadOnlyList<Tensor> inputs, bool keepGraph = false)
    {
        if (loss.numel() != 1)
            throw new ArgumentException($"A gradient is taken of a scalar, not of shape ({string.Join(", ", loss.shape)}).", nameof(loss));
        if (!loss.requires_grad) throw new ArgumentException("The loss depends on no tensor that requires a gradient.", nameof(loss));

        for (var i = 0; i < inputs.Count; i++)
            if (!inputs[i].requires_grad) throw new ArgumentException($"Input {i} does not require a gradient.", nameof(inputs)); // fatal natively
        var list = inputs as IList<Tensor> ?? [.. inputs];
#pragma warning disable RS0030 // This is the door.
        var found = autograd.grad([loss], list, retain_graph: keepGraph, create_graph: keepGraph, allow_unused: true);
#pragma warning restore RS0030
        var gradients = new Tensor[list.Count];
        for (var i = 0; i < gradients.Length; i++)
            gradients[i] = found[i].IsInvalid ? zeros_like(list[i]) : found[i];
        return gradients;
    }
}
